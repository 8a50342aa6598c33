// Each test runs processes of its own on a machine that may be small: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
