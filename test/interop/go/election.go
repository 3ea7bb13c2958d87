package main

import (
	"context"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
)

// Waits until it leads, says so, leads until SIGTERM and resigns.
func campaign(ctx context.Context, client *clientv3.Client, args arguments) error {
	session, err := concurrency.NewSession(client, concurrency.WithTTL(args.ttl))
	if err != nil {
		return err
	}
	defer session.Close()
	election := concurrency.NewElection(session, args.prefix)
	if err := print(map[string]any{"event": "campaigning", "lease": fmt.Sprintf("%x", session.Lease())}); err != nil {
		return err
	}
	if err := election.Campaign(ctx, args.value); err != nil {
		return err
	}
	if err := print(map[string]any{"event": "elected", "key": election.Key(), "term": fmt.Sprint(election.Rev())}); err != nil {
		return err
	}
	select {
	case <-session.Done():
		return fmt.Errorf("the session ended")
	case <-ctx.Done():
	}
	cleanUp, cancel := afterwards()
	defer cancel()
	if err := election.Resign(cleanUp); err != nil {
		return err
	}
	return print(map[string]any{"event": "resigned"})
}

// Prints each leader as etcd's own observer sees it, until SIGTERM.
func observe(ctx context.Context, client *clientv3.Client, args arguments) error {
	session, err := concurrency.NewSession(client, concurrency.WithTTL(args.ttl))
	if err != nil {
		return err
	}
	defer session.Close()
	for response := range concurrency.NewElection(session, args.prefix).Observe(ctx) {
		if err := printLeader(response.Kvs[0].Key, response.Kvs[0].Value, response.Kvs[0].CreateRevision); err != nil {
			return err
		}
	}
	return nil
}

func leader(ctx context.Context, client *clientv3.Client, args arguments) error {
	session, err := concurrency.NewSession(client, concurrency.WithTTL(args.ttl))
	if err != nil {
		return err
	}
	defer session.Close()
	response, err := concurrency.NewElection(session, args.prefix).Leader(ctx)
	if err != nil {
		return err
	}
	return printLeader(response.Kvs[0].Key, response.Kvs[0].Value, response.Kvs[0].CreateRevision)
}

func printLeader(key, value []byte, term int64) error {
	return print(map[string]any{"event": "leader", "key": string(key), "value": string(value), "term": fmt.Sprint(term)})
}
