package main

import (
	"context"
	"encoding/json"
	"strings"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// A resource as the original keeps it: no JSON names, so the fields' own.
type ResourceSpec struct {
	ID           string
	Name         string
	AssignedNode string
	CreationTime int64
}

// Decodes each record under a prefix into the Go struct that the original has for it and encodes it again.
// Prints both texts: whoever reads and rewrites a record must not change a byte.
func recode(ctx context.Context, client *clientv3.Client, args arguments) error {
	response, err := client.Get(ctx, args.prefix, clientv3.WithPrefix())
	if err != nil {
		return err
	}
	for _, entry := range response.Kvs {
		key := string(entry.Key)
		if strings.HasPrefix(key, "/resources/election/") {
			continue
		}
		var record any = &ResourceSpec{}
		if strings.HasPrefix(key, "/micro/registry/") {
			record = &Service{}
		}
		if err := json.Unmarshal(entry.Value, record); err != nil {
			return err
		}
		again, err := json.Marshal(record)
		if err != nil {
			return err
		}
		if err := print(map[string]any{"key": key, "stored": string(entry.Value), "again": string(again)}); err != nil {
			return err
		}
	}
	return nil
}
