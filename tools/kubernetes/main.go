// The Kubernetes programs that the tests run, in one binary that dispatches on the name it is called by.
package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// Programs by name. tools/setup.sh links every name that -list prints.
var programs = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllers.NewControllerManagerCommand,
	"kube-proxy":              proxy.NewProxyCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"kubectl":                 func() *cobra.Command { return kubectl.NewDefaultKubectlCommand() },
	"kubelet":                 func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) },
}

func main() {
	name := filepath.Base(os.Args[0])
	names := slices.Sorted(maps.Keys(programs))
	if newCommand, known := programs[name]; known {
		os.Exit(cli.Run(newCommand()))
	}
	if len(os.Args) == 2 && os.Args[1] == "-list" {
		fmt.Println(strings.Join(names, "\n"))
		return
	}
	fmt.Fprintf(os.Stderr, "%s: call it through a link named %s\n", name, strings.Join(names, " or "))
	os.Exit(2)
}
