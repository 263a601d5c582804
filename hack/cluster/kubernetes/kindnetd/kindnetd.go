// Package kindnetd is the network agent of the test cluster's nodes, in the place of kind's own
// image of the same name where that cannot be pulled. On every node it writes the CNI
// configuration for the node's range of pod addresses, keeps a route to the ranges of the other
// nodes, and masquerades what leaves the cluster. It follows the API, so that nodes that are
// added, restarted or removed are routed without anybody's doing.
package kindnetd

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

// resync repairs what somebody else changed on the node; changes in the API act at once.
const resync = 30 * time.Second

// NewCommand reads its settings from the environment that kind's manifest gives.
func NewCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "kindnetd",
		Short: "Routes between the pods of the nodes of a kind cluster",
		RunE: func(command *cobra.Command, _ []string) error {
			agent := Agent{Address: os.Getenv("HOST_IP"), PodSubnet: os.Getenv("POD_SUBNET")}
			if agent.Address == "" || agent.PodSubnet == "" {
				return fmt.Errorf("HOST_IP and POD_SUBNET must be set")
			}
			ctx, stop := signal.NotifyContext(command.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			return follow(ctx, agent, os.Getenv("CONTROL_PLANE_ENDPOINT"))
		},
	}
}

// follow reconciles the node at every change of the list of nodes until the context ends.
// The endpoint, when given, is used instead of the API's Service: that one needs kube-proxy,
// which needs not have started yet.
func follow(ctx context.Context, agent Agent, endpoint string) error {
	config, err := rest.InClusterConfig()
	if err != nil {
		return err
	}
	if endpoint != "" {
		config.Host = "https://" + endpoint
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	nodes := factory.Core().V1().Nodes()
	changed := make(chan struct{}, 1)
	wake := func() {
		select {
		case changed <- struct{}{}:
		default: // a reconciliation is due already
		}
	}
	_, err = nodes.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { wake() },
		UpdateFunc: func(any, any) { wake() },
		DeleteFunc: func(any) { wake() },
	})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	return loop(ctx, changed, func() error {
		all, err := nodes.Lister().List(labels.Everything())
		if err != nil {
			return err
		}
		return agent.Reconcile(ranges(all))
	})
}

func loop(ctx context.Context, changed <-chan struct{}, reconcile func() error) error {
	tick := time.NewTicker(resync)
	defer tick.Stop()
	for {
		if err := reconcile(); err != nil {
			klog.ErrorS(err, "Could not bring the node's network up to date, will retry")
			time.Sleep(time.Second)
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-tick.C:
		}
	}
}

// ranges are the nodes that have both an address and a range of pod addresses by now.
func ranges(nodes []*v1.Node) []Range {
	found := make([]Range, 0, len(nodes))
	for _, node := range nodes {
		address := internalIP(node)
		if address != "" && node.Spec.PodCIDR != "" {
			found = append(found, Range{Address: address, PodCIDR: node.Spec.PodCIDR})
		}
	}
	return found
}

func internalIP(node *v1.Node) string {
	for _, address := range node.Status.Addresses {
		if address.Type == v1.NodeInternalIP {
			return address.Address
		}
	}
	return ""
}
