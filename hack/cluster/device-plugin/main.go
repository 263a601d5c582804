// A device plugin that offers simulated GPUs on the nodes of the test cluster: the scheduler and
// the kubelet do with them what they do with real ones, and no container gets any.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	api "k8s.io/kubelet/pkg/apis/deviceplugin/v1beta1"
)

const (
	socketName = "videojobs-simulated-gpu.sock"
	poll       = time.Second
	// goodbye is how long the kubelet gets to hear that the devices are gone.
	goodbye = 2 * time.Second
)

func main() {
	resource := flag.String("resource", "nvidia.com/gpu", "name of the extended resource")
	count := flag.Int("count", 1, "how many devices to offer")
	folder := flag.String("folder", api.DevicePluginPath, "where the kubelet's socket is")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	plugin := NewPlugin(os.Getenv("NODE_NAME"), *count, ctx.Done())
	for ctx.Err() == nil {
		// Ends without an error when the kubelet has restarted; it forgets its plugins then.
		if err := serve(ctx, plugin, *resource, *folder); err != nil {
			log.Printf("Will retry: %v", err)
			time.Sleep(poll)
		}
	}
}

// serve offers the plugin to the kubelet that runs now, until that one or the context ends.
func serve(ctx context.Context, plugin *Plugin, resource, folder string) error {
	socket := filepath.Join(folder, socketName)
	kubelet := filepath.Join(folder, filepath.Base(api.KubeletSocket))
	if err := os.Remove(socket); err != nil && !os.IsNotExist(err) {
		return err
	}
	registeredWith, err := os.Stat(kubelet)
	if err != nil {
		return fmt.Errorf("the kubelet is not there yet: %w", err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	api.RegisterDevicePluginServer(server, plugin)
	go func() { _ = server.Serve(listener) }()
	defer stopServer(server)
	if err := register(ctx, kubelet, resource); err != nil {
		return err
	}
	log.Printf("Offered %d %s", len(plugin.devices), resource)
	waitForEnd(ctx, kubelet, socket, registeredWith)
	return nil
}

func register(ctx context.Context, kubelet, resource string) error {
	connection, err := grpc.NewClient(
		"unix://"+kubelet, grpc.WithTransportCredentials(insecure.NewCredentials()),
	)
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err = api.NewRegistrationClient(connection).Register(ctx, &api.RegisterRequest{
		Version: api.Version, Endpoint: socketName, ResourceName: resource,
	})
	return err
}

// waitForEnd returns when a kubelet other than the one registered with is there, or has swept its
// folder of sockets, as each does when it starts.
func waitForEnd(ctx context.Context, kubelet, socket string, registeredWith os.FileInfo) {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		present, err := os.Stat(kubelet)
		if err == nil && !os.SameFile(present, registeredWith) {
			return
		}
		if _, err := os.Stat(socket); os.IsNotExist(err) {
			return
		}
	}
}

// stopServer lets ListAndWatch say its last words.
func stopServer(server *grpc.Server) {
	done := make(chan struct{})
	go func() {
		server.GracefulStop()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(goodbye):
		server.Stop()
	}
}
