return await OrleansMesh.Load.LoadCommand.InvokeAsync(args);
