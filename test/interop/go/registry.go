package main

import (
	"context"
	"encoding/json"
	"path"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// The registry's records, with the fields and JSON names that go-micro v4 gives them.
type Service struct {
	Name      string            `json:"name"`
	Version   string            `json:"version"`
	Metadata  map[string]string `json:"metadata"`
	Endpoints []*Endpoint       `json:"endpoints"`
	Nodes     []*Node           `json:"nodes"`
}

type Node struct {
	Id       string            `json:"id"`
	Address  string            `json:"address"`
	Metadata map[string]string `json:"metadata"`
}

type Endpoint struct {
	Name     string            `json:"name"`
	Request  *Value            `json:"request"`
	Response *Value            `json:"response"`
	Metadata map[string]string `json:"metadata"`
}

type Value struct {
	Name   string   `json:"name"`
	Type   string   `json:"type"`
	Values []*Value `json:"values"`
}

func servicePrefix(service string) string {
	return path.Join("/micro/registry/", strings.ReplaceAll(service, "/", "-")) + "/"
}

func nodeKey(service, id string) string {
	return path.Join("/micro/registry/", strings.ReplaceAll(service, "/", "-"), strings.ReplaceAll(id, "/", "-"))
}

// All nodes of a service, merged by version, as a go-micro client looks them up before it calls one.
func services(ctx context.Context, client *clientv3.Client, args arguments) error {
	response, err := client.Get(ctx, servicePrefix(args.service), clientv3.WithPrefix(), clientv3.WithSerializable())
	if err != nil {
		return err
	}
	versions := map[string]*Service{}
	for _, entry := range response.Kvs {
		var service *Service
		if json.Unmarshal(entry.Value, &service) != nil || service == nil {
			continue
		}
		if known := versions[service.Version]; known != nil {
			known.Nodes = append(known.Nodes, service.Nodes...)
		} else {
			versions[service.Version] = service
		}
	}
	for _, service := range versions {
		if err := print(service); err != nil {
			return err
		}
	}
	return nil
}

// Follows a service as go-micro's watcher does: create, update or delete by the revisions of the key, a
// deleted service from the previous value, and only the FIRST event of each watch response.
func watch(ctx context.Context, client *clientv3.Client, args arguments) error {
	events := client.Watch(ctx, servicePrefix(args.service), clientv3.WithPrefix(), clientv3.WithPrevKV(), clientv3.WithCreatedNotify())
	for response := range events {
		if err := response.Err(); err != nil {
			return err
		}
		if response.Created {
			if err := print(map[string]any{"event": "watching"}); err != nil {
				return err
			}
			continue
		}
		if len(response.Events) == 0 {
			continue
		}
		event := response.Events[0]
		action, value := "update", event.Kv.Value
		switch {
		case event.Type == clientv3.EventTypeDelete:
			action = "delete"
			if event.PrevKv == nil {
				continue
			}
			value = event.PrevKv.Value
		case event.IsCreate():
			action = "create"
		}
		var service *Service
		if json.Unmarshal(value, &service) != nil || service == nil {
			continue
		}
		if err := print(map[string]any{"event": "change", "action": action, "service": service}); err != nil {
			return err
		}
	}
	return nil
}

// Registers a node, renews its lease and takes the record away on SIGTERM.
func register(ctx context.Context, client *clientv3.Client, args arguments) error {
	value := []*Value{{Name: "name", Type: "string"}}
	record, err := json.Marshal(&Service{
		Name:    args.service,
		Version: "latest",
		Endpoints: []*Endpoint{{
			Name:     "Greeter.Hello",
			Request:  &Value{Name: "Request", Type: "Request", Values: value},
			Response: &Value{Name: "Response", Type: "Response", Values: []*Value{{Name: "greeting", Type: "string"}}},
			Metadata: map[string]string{"endpoint": "Greeter.Hello", "handler": "rpc", "method": "POST", "path": "/greeter/hello"},
		}},
		Nodes: []*Node{{
			Id:       args.id,
			Address:  args.address,
			Metadata: map[string]string{"broker": "http", "protocol": "grpc", "registry": "etcd", "server": "grpc", "transport": "grpc"},
		}},
	})
	if err != nil {
		return err
	}
	lease, err := client.Grant(ctx, int64(args.ttl))
	if err != nil {
		return err
	}
	if _, err := client.Put(ctx, nodeKey(args.service, args.id), string(record), clientv3.WithLease(lease.ID)); err != nil {
		return err
	}
	if err := print(map[string]any{"event": "registered", "record": string(record)}); err != nil {
		return err
	}
	renew := time.NewTicker(time.Duration(args.ttl) * time.Second / 3)
	defer renew.Stop()
	for {
		select {
		case <-renew.C:
			if _, err := client.KeepAliveOnce(ctx, lease.ID); err != nil {
				return err
			}
		case <-ctx.Done():
			cleanUp, cancel := afterwards()
			defer cancel()
			if _, err := client.Delete(cleanUp, nodeKey(args.service, args.id)); err != nil {
				return err
			}
			return print(map[string]any{"event": "deregistered"})
		}
	}
}
