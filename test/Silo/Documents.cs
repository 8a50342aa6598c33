namespace OrleansMesh.Silo.Tests;

/// <summary>Resources as clients send them.</summary>
internal static class Documents
{
    public static string Mesh(string name, bool mtls = false)
        => mtls
            ? $$$"""{"type":"Mesh","name":"{{{name}}}","mtls":{"enabledBackend":"ca-1","backends":[{"name":"ca-1","type":"builtin"}]}}"""
            : $$$"""{"type":"Mesh","name":"{{{name}}}"}""";

    public static string Dataplane(string mesh, string name, string service, int port = 10000, string calls = "backend") => $$$"""
        {"type":"Dataplane","mesh":"{{{mesh}}}","name":"{{{name}}}","networking":{"address":"127.0.0.1",
         "inbound":[{"port":{{{port}}},"servicePort":9000,"tags":{"kuma.io/service":"{{{service}}}","kuma.io/protocol":"http","version":"v1"}}],
         "outbound":[{"port":{{{port + 1}}},"tags":{"kuma.io/service":"{{{calls}}}"}}]}}
        """;

    public static string Secret(string name) => $$"""{"type":"Secret","mesh":"default","name":"{{name}}","data":"c2VjcmV0"}""";

    public static string Permission(string mesh, string name, string from, string to) => $$$"""
        {"type":"TrafficPermission","mesh":"{{{mesh}}}","name":"{{{name}}}",
         "sources":[{"match":{"kuma.io/service":"{{{from}}}"}}],"destinations":[{"match":{"kuma.io/service":"{{{to}}}"}}]}
        """;
}
