package main

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/grpc"
	api "k8s.io/kubelet/pkg/apis/deviceplugin/v1beta1"
)

// Plugin offers devices that are nothing but their names. The kubelet counts them, gives each to
// one container at a time and keeps the account over its restarts, as it does with real ones.
type Plugin struct {
	api.UnimplementedDevicePluginServer
	devices []*api.Device
	stopped <-chan struct{}
}

// NewPlugin offers count healthy devices until stopped is closed, and none from then on.
func NewPlugin(node string, count int, stopped <-chan struct{}) *Plugin {
	devices := make([]*api.Device, count)
	for index := range devices {
		id := fmt.Sprintf("GPU-simulated-%s-%d", node, index)
		devices[index] = &api.Device{ID: id, Health: api.Healthy}
	}
	return &Plugin{devices: devices, stopped: stopped}
}

// GetDevicePluginOptions says that there is nothing to do before a container starts.
func (*Plugin) GetDevicePluginOptions(context.Context, *api.Empty) (*api.DevicePluginOptions, error) {
	return &api.DevicePluginOptions{}, nil
}

// ListAndWatch tells the devices, and that they are gone when the plugin stops: without that the
// kubelet would go on counting them in the node's capacity for minutes.
func (p *Plugin) ListAndWatch(
	_ *api.Empty, stream grpc.ServerStreamingServer[api.ListAndWatchResponse],
) error {
	if err := stream.Send(&api.ListAndWatchResponse{Devices: p.devices}); err != nil {
		return err
	}
	select {
	case <-stream.Context().Done():
		return nil
	case <-p.stopped:
		return stream.Send(&api.ListAndWatchResponse{})
	}
}

// Allocate tells the container which devices are its own, in the way of NVIDIA's plugin.
func (*Plugin) Allocate(_ context.Context, request *api.AllocateRequest) (*api.AllocateResponse, error) {
	response := &api.AllocateResponse{}
	for _, container := range request.ContainerRequests {
		environment := map[string]string{
			"NVIDIA_VISIBLE_DEVICES": strings.Join(container.DevicesIds, ","),
		}
		answer := &api.ContainerAllocateResponse{Envs: environment}
		response.ContainerResponses = append(response.ContainerResponses, answer)
	}
	return response, nil
}
