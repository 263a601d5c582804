package kindnetd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/vishvananda/netlink"
	"k8s.io/klog/v2"
)

const (
	cniConfig = "/etc/cni/net.d/10-kindnet.conflist"
	// routeProtocol marks the routes that are ours to remove.
	routeProtocol = netlink.RouteProtocol(117)
)

// Range is what one node brings to the network.
type Range struct {
	Address string // of the node
	PodCIDR string
}

// Agent brings one node's network to where the list of all nodes wants it.
type Agent struct {
	Address   string // of this node
	PodSubnet string // of the whole cluster
}

// Reconcile is idempotent; what is right already is left alone.
func (a Agent) Reconcile(all []Range) error {
	wanted := map[string]net.IP{}
	var problems []error
	for _, one := range all {
		if one.Address == a.Address {
			problems = append(problems, writeCNI(one.PodCIDR))
			continue
		}
		wanted[one.PodCIDR] = net.ParseIP(one.Address)
	}
	return errors.Join(append(problems, replaceRoutes(wanted), masquerade(a.PodSubnet))...)
}

// writeCNI says to the container runtime how pods of this node get their address. The kubelet
// reports the node as ready once the file is there.
func writeCNI(podCIDR string) error {
	mtu, err := uplinkMTU()
	if err != nil {
		return err
	}
	content, err := json.MarshalIndent(cniFor(podCIDR, mtu), "", "  ")
	if err != nil {
		return err
	}
	if present, err := os.ReadFile(cniConfig); err == nil && bytes.Equal(present, content) {
		return nil
	}
	fresh := filepath.Join(filepath.Dir(cniConfig), ".kindnet")
	if err := os.WriteFile(fresh, content, 0o644); err != nil {
		return err
	}
	klog.InfoS("Wrote the CNI configuration", "podCIDR", podCIDR, "mtu", mtu)
	return os.Rename(fresh, cniConfig)
}

func cniFor(podCIDR string, mtu int) map[string]any {
	ipam := map[string]any{
		"type":    "host-local",
		"dataDir": "/run/cni-ipam-state", // gone when the node restarts, as its pods are
		"routes":  []any{map[string]any{"dst": "0.0.0.0/0"}},
		"ranges":  []any{[]any{map[string]any{"subnet": podCIDR}}},
	}
	return map[string]any{
		"cniVersion": "0.3.1",
		"name":       "kindnet",
		"plugins": []any{
			map[string]any{"type": "ptp", "ipMasq": false, "ipam": ipam, "mtu": mtu},
			map[string]any{"type": "portmap", "capabilities": map[string]any{"portMappings": true}},
		},
	}
}

// uplinkMTU is that of the link of the default route: a pod's packets must fit through it.
func uplinkMTU() (int, error) {
	routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
	if err != nil {
		return 0, err
	}
	for _, route := range routes {
		if route.Dst == nil || route.Dst.IP.IsUnspecified() {
			link, err := netlink.LinkByIndex(route.LinkIndex)
			if err != nil {
				return 0, err
			}
			return link.Attrs().MTU, nil
		}
	}
	return 0, fmt.Errorf("the node has no default route")
}

// replaceRoutes sends each range to its node, and drops the routes of nodes that are gone.
func replaceRoutes(wanted map[string]net.IP) error {
	var problems []error
	for cidr, gateway := range wanted {
		_, destination, err := net.ParseCIDR(cidr)
		if err == nil {
			err = netlink.RouteReplace(
				&netlink.Route{Dst: destination, Gw: gateway, Protocol: routeProtocol},
			)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("route to %s by %s: %w", cidr, gateway, err))
		}
	}
	ours := &netlink.Route{Protocol: routeProtocol}
	present, err := netlink.RouteListFiltered(netlink.FAMILY_V4, ours, netlink.RT_FILTER_PROTOCOL)
	if err != nil {
		return errors.Join(append(problems, err)...)
	}
	for _, route := range present {
		if _, known := wanted[route.Dst.String()]; !known {
			klog.InfoS("Removed the route to a node that is gone", "podCIDR", route.Dst)
			problems = append(problems, netlink.RouteDel(&route))
		}
	}
	return errors.Join(problems...)
}

// masquerade gives what leaves the cluster the address of the node.
func masquerade(podSubnet string) error {
	rule := []string{"POSTROUTING", "-s", podSubnet, "!", "-d", podSubnet, "-j", "MASQUERADE"}
	base := []string{"-w", "5", "-t", "nat"}
	if exec.Command("iptables", append(append(base, "-C"), rule...)...).Run() == nil {
		return nil
	}
	output, err := exec.Command("iptables", append(append(base, "-A"), rule...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("iptables: %w: %s", err, output)
	}
	return nil
}
