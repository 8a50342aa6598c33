using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace OrleansMesh.EmbeddedSilo.Tests.Surface;

/// <summary>What other assemblies can see of one public type, as text: one line per fact.</summary>
internal sealed record TypeSurface(string Declaration, IReadOnlySet<string> Interfaces, IReadOnlySet<string> Members);

/// <summary>Reads an assembly's public types from its metadata, without loading it or what it refers to.</summary>
internal static class AssemblySurface
{
    public static IReadOnlyDictionary<string, TypeSurface> Read(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        return reader.TypeDefinitions.Select(reader.GetTypeDefinition)
            .Where(type => (type.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public)
            .ToDictionary(type => FullName(reader, type), type => Describe(reader, type));
    }

    private static string FullName(MetadataReader reader, TypeDefinition type) => $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";

    private static TypeSurface Describe(MetadataReader reader, TypeDefinition type)
    {
        var typeNames = type.GetGenericParameters().Select(handle => reader.GetString(reader.GetGenericParameter(handle).Name)).ToImmutableArray();
        var scope = new GenericNames(typeNames, []);
        var shape = type.Attributes & (TypeAttributes.Interface | TypeAttributes.Abstract | TypeAttributes.Sealed);
        var parent = type.BaseType.IsNil ? "" : $" : {NameOf(reader, type.BaseType, scope)}";
        var declaration = $"[{shape}] {FullName(reader, type)}{GenericParameters(reader, type.GetGenericParameters(), scope)}{parent}{Usage(reader, type)}";
        var interfaces = type.GetInterfaceImplementations().Select(handle => NameOf(reader, reader.GetInterfaceImplementation(handle).Interface, scope)).ToHashSet();
        var members = type.GetMethods().Select(handle => Method(reader, reader.GetMethodDefinition(handle), typeNames))
            .Concat(type.GetFields().Select(handle => Field(reader, reader.GetFieldDefinition(handle), scope)))
            .Concat(type.GetProperties().Select(handle => RequiredProperty(reader, reader.GetPropertyDefinition(handle))))
            .OfType<string>().ToHashSet();
        return new TypeSurface(declaration, interfaces, members);
    }

    private static string? Method(MetadataReader reader, MethodDefinition method, ImmutableArray<string> typeNames)
    {
        var access = (method.Attributes & MethodAttributes.MemberAccessMask) switch
        {
            MethodAttributes.Public => "public",
            MethodAttributes.Family => "protected",
            MethodAttributes.FamORAssem => "protected internal",
            _ => null,
        };
        if (access is null) return null;

        var scope = new GenericNames(typeNames, [.. method.GetGenericParameters().Select(handle => reader.GetString(reader.GetGenericParameter(handle).Name))]);
        var kind = method.Attributes & (MethodAttributes.Static | MethodAttributes.Abstract | MethodAttributes.Virtual | MethodAttributes.Final);
        var signature = method.DecodeSignature(TypeNames.Instance, scope);
        var declared = method.GetParameters().Select(reader.GetParameter).Where(parameter => parameter.SequenceNumber > 0).ToDictionary(parameter => parameter.SequenceNumber - 1);
        var parameters = signature.ParameterTypes.Select((type, index) => declared.TryGetValue(index, out var parameter)
            ? $"{type} {reader.GetString(parameter.Name)}{DefaultValue(reader, parameter)}"
            : type);
        var extension = Has(reader, method.GetCustomAttributes(), "System.Runtime.CompilerServices.ExtensionAttribute") ? "this " : "";
        return $"{access} [{kind}] {signature.ReturnType} {reader.GetString(method.Name)}{GenericParameters(reader, method.GetGenericParameters(), scope)}({extension}{string.Join(", ", parameters)})";
    }

    private static string? Field(MetadataReader reader, FieldDefinition field, GenericNames scope)
    {
        if ((field.Attributes & FieldAttributes.FieldAccessMask) is not (FieldAttributes.Public or FieldAttributes.Family)) return null;
        var constant = field.GetDefaultValue().IsNil ? "" : $" = {Constant(reader, field.GetDefaultValue())}";
        return $"field {field.DecodeSignature(TypeNames.Instance, scope)} {reader.GetString(field.Name)}{constant}";
    }

    // What a property is otherwise is said by its accessors.
    private static string? RequiredProperty(MetadataReader reader, PropertyDefinition property) =>
        Has(reader, property.GetCustomAttributes(), "System.Runtime.CompilerServices.RequiredMemberAttribute") ? $"required {reader.GetString(property.Name)}" : null;

    private static string GenericParameters(MetadataReader reader, GenericParameterHandleCollection handles, GenericNames scope)
    {
        if (handles.Count == 0) return "";
        var parameters = handles.Select(reader.GetGenericParameter).Select(parameter =>
        {
            var constraints = parameter.GetConstraints().Select(handle => NameOf(reader, reader.GetGenericParameterConstraint(handle).Type, scope));
            return $"{reader.GetString(parameter.Name)}: {string.Join(" & ", constraints)} {parameter.Attributes}";
        });
        return $"<{string.Join(", ", parameters)}>";
    }

    private static string DefaultValue(MetadataReader reader, Parameter parameter) =>
        (parameter.Attributes & ParameterAttributes.Optional) == 0 ? ""
        : parameter.GetDefaultValue().IsNil ? " = default"
        : $" = {Constant(reader, parameter.GetDefaultValue())}";

    private static string Constant(MetadataReader reader, ConstantHandle handle)
    {
        var constant = reader.GetConstant(handle);
        return Convert.ToString(reader.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode), CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : "null";
    }

    private static string Usage(MetadataReader reader, TypeDefinition type)
    {
        foreach (var attribute in type.GetCustomAttributes().Select(reader.GetCustomAttribute).Where(attribute => TypeOf(reader, attribute) == "System.AttributeUsageAttribute"))
        {
            var value = attribute.DecodeValue(TypeNames.Instance);
            return $" usable on {value.FixedArguments[0].Value}{string.Concat(value.NamedArguments.OrderBy(argument => argument.Name).Select(argument => $", {argument.Name} = {argument.Value}"))}";
        }

        return "";
    }

    private static bool Has(MetadataReader reader, CustomAttributeHandleCollection attributes, string name) =>
        attributes.Any(handle => TypeOf(reader, reader.GetCustomAttribute(handle)) == name);

    private static string TypeOf(MetadataReader reader, CustomAttribute attribute) => attribute.Constructor.Kind == HandleKind.MemberReference
        ? NameOf(reader, reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent, GenericNames.None)
        : NameOf(reader, reader.GetMethodDefinition((MethodDefinitionHandle)attribute.Constructor).GetDeclaringType(), GenericNames.None);

    private static string NameOf(MetadataReader reader, EntityHandle type, GenericNames scope) => type.Kind switch
    {
        HandleKind.TypeDefinition => TypeNames.Instance.GetTypeFromDefinition(reader, (TypeDefinitionHandle)type, 0),
        HandleKind.TypeReference => TypeNames.Instance.GetTypeFromReference(reader, (TypeReferenceHandle)type, 0),
        _ => reader.GetTypeSpecification((TypeSpecificationHandle)type).DecodeSignature(TypeNames.Instance, scope),
    };
}
