using Spectre.Console;

namespace OrleansMesh.Load.Reporting;

/// <summary>Says how far a scenario has come.</summary>
internal interface IProgressReport
{
    /// <summary>A scenario begins that has so many steps.</summary>
    void Begin(string scenario, int steps);

    void Step();
}

/// <summary>A bar for each scenario on a terminal; nothing where there is none.</summary>
internal sealed class ProgressBars(ProgressContext context) : IProgressReport
{
    private ProgressTask? _current;

    public void Begin(string scenario, int steps)
    {
        if (_current is { } before)
            before.Value = before.MaxValue;
        _current = context.AddTask(Markup.Escape(scenario), maxValue: Math.Max(1, steps));
    }

    public void Step() => _current?.Increment(1);
}
