module videojobs.dev/hack/cluster/pause

go 1.25.0
