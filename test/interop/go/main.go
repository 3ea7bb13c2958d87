// Command interop is what programs of the original Go system do, as small commands that a test drives: etcd's
// own election, go-micro's registry records and gRPC calls, and the resource records through encoding/json.
//
// Each command prints one JSON object a line. Those that go on end on SIGTERM, and clean up first.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

type arguments struct {
	endpoints string
	prefix    string
	service   string
	id        string
	address   string
	value     string
	name      string
	ttl       int
}

var commands = map[string]func(ctx context.Context, args arguments) error{
	"campaign": withEtcd(campaign),
	"observe":  withEtcd(observe),
	"leader":   withEtcd(leader),
	"services": withEtcd(services),
	"watch":    withEtcd(watch),
	"register": withEtcd(register),
	"recode":   withEtcd(recode),
	"add":      add,
	"delete":   remove,
	"hello":    hello,
	"health":   health,
	"reflect":  reflect,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: interop COMMAND [flags]")
		os.Exit(2)
	}
	var args arguments
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	flags.StringVar(&args.endpoints, "etcd", "127.0.0.1:2379", "etcd endpoints, separated by commas")
	flags.StringVar(&args.prefix, "prefix", "/resources/election", "election or key prefix")
	flags.StringVar(&args.service, "service", "", "service name")
	flags.StringVar(&args.id, "id", "", "node id")
	flags.StringVar(&args.address, "address", "", "host:port")
	flags.StringVar(&args.value, "value", "", "what a candidate proclaims")
	flags.StringVar(&args.name, "name", "", "name of a resource, or whom to greet")
	flags.IntVar(&args.ttl, "ttl", 15, "seconds that a lease lives")
	_ = flags.Parse(os.Args[2:])

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := commands[os.Args[1]](ctx, args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func withEtcd(command func(context.Context, *clientv3.Client, arguments) error) func(context.Context, arguments) error {
	return func(ctx context.Context, args arguments) error {
		client, err := clientv3.New(clientv3.Config{
			Endpoints:   strings.Split(args.endpoints, ","),
			DialTimeout: 30 * time.Second,
		})
		if err != nil {
			return err
		}
		defer client.Close()
		return command(ctx, client, args)
	}
}

func print(line any) error {
	return json.NewEncoder(os.Stdout).Encode(line)
}

// What must still be done after SIGTERM has ended the command's own context.
func afterwards() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 5*time.Second)
}
