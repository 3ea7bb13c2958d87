package main

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"orbweaver/interop/wire"
)

const callTimeout = 30 * time.Second

func add(ctx context.Context, args arguments) error {
	answer := &wire.NodeSpec{}
	return call(ctx, args, "CrawlerMaster/AddResource", &wire.ResourceSpec{Id: "go", Name: args.name}, answer, func() any {
		return map[string]any{"id": answer.Id, "address": answer.Address}
	})
}

func remove(ctx context.Context, args arguments) error {
	answer := &emptypb.Empty{}
	return call(ctx, args, "CrawlerMaster/DeleteResource", &wire.ResourceSpec{Id: "go", Name: args.name}, answer, func() any {
		return map[string]any{}
	})
}

func hello(ctx context.Context, args arguments) error {
	answer := &wire.Response{}
	return call(ctx, args, "Greeter/Hello", &wire.Request{Name: args.name}, answer, func() any {
		return map[string]any{"greeting": answer.Greeting}
	})
}

// With a service it calls as go-micro's gRPC client does: the service's name before the dot, its content type
// and its two headers. Without one it calls as a plain gRPC client. Prints the answer, or the status: what a
// client sees of an error, with the number of its details.
func call(ctx context.Context, args arguments, method string, request, answer proto.Message, show func() any) error {
	connection, err := dial(args.address)
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()

	path, options := "/"+method, []grpc.CallOption{}
	if args.service != "" {
		path = "/" + args.service + "." + method
		ctx = metadata.AppendToOutgoingContext(ctx,
			"timeout", fmt.Sprint(callTimeout.Nanoseconds()),
			"x-content-type", "application/protobuf")
		options = append(options, grpc.CallContentSubtype("proto"))
	}
	if err := connection.Invoke(ctx, path, request, answer, options...); err != nil {
		state := status.Convert(err)
		return print(map[string]any{"code": state.Code().String(), "message": state.Message(), "details": len(state.Proto().GetDetails())})
	}
	return print(show())
}

// The standard health service, as Kubernetes and load balancers ask it.
func health(ctx context.Context, args arguments) error {
	connection, err := dial(args.address)
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	answer, err := healthpb.NewHealthClient(connection).Check(ctx, &healthpb.HealthCheckRequest{Service: args.service})
	if err != nil {
		return err
	}
	return print(map[string]any{"status": answer.Status.String()})
}

// The services that reflection names, as grpcurl asks.
func reflect(ctx context.Context, args arguments) error {
	connection, err := dial(args.address)
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	stream, err := reflectionpb.NewServerReflectionClient(connection).ServerReflectionInfo(ctx)
	if err != nil {
		return err
	}
	request := &reflectionpb.ServerReflectionRequest_ListServices{ListServices: ""}
	if err := stream.Send(&reflectionpb.ServerReflectionRequest{MessageRequest: request}); err != nil {
		return err
	}
	answer, err := stream.Recv()
	if err != nil {
		return err
	}
	names := []string{}
	for _, service := range answer.GetListServicesResponse().GetService() {
		names = append(names, service.Name)
	}
	return print(map[string]any{"services": names})
}

func dial(address string) (*grpc.ClientConn, error) {
	return grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(insecure.NewCredentials()))
}
