import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { EtcdClient } from '@app/etcd';
import { Additions } from './api/additions.js';
import { Controls } from './api/controls.js';
import { CrawlerMaster } from './api/crawler-master.js';
import { Explanations } from './api/explanations.js';
import { LiveCluster } from './api/live-cluster.js';
import { LiveResources } from './api/live-resources.js';
import { Masters } from './api/masters.js';
import { Nodes } from './api/nodes.js';
import { Profiles } from './api/profiles.js';
import { ResourceDetails } from './api/resource-details.js';
import { ResourceLists } from './api/resource-lists.js';
import { Resources } from './api/resources.js';
import { Results } from './api/results.js';
import { SpecHistory } from './api/spec-history.js';
import { TaskLog } from './api/task-log.js';
import { TaskWork } from './api/task-work.js';
import { ClusterView } from './cluster-view/cluster-view.js';
import { EtcdHealth } from './etcd-health/etcd-health.js';
import { EventLog } from './events/event-log.js';
import { Forwarding } from './forwarding/forwarding.js';
import { ForwardingInterceptor } from './forwarding/forwarding.interceptor.js';
import { ClusterGrpcController } from './grpc/cluster.controller.js';
import { CrawlerMasterGrpcController } from './grpc/crawler-master.controller.js';
import { Leading } from './leadership/leading.js';
import type { Master } from './master.js';
import { clusterPulse, resourcesPulse } from './live/pulses.js';
import { ProcessFigures } from './nodes/process-figures.js';
import { restControllers } from './rest/controllers.js';
import { Orders } from './task-index/orders.js';
import { WorkerReports } from './workers/worker-reports.js';

/** The API of a master, over the parts that make it one. */
@Module({})
export class MasterModule {
  static over(master: Master): DynamicModule {
    return {
      module: MasterModule,
      controllers: [CrawlerMasterGrpcController, ClusterGrpcController, ...restControllers],
      providers: [
        { provide: EtcdClient, useValue: master.etcd },
        { provide: ClusterView, useValue: master.view },
        { provide: Leading, useValue: master.leading },
        { provide: Forwarding, useValue: master.forwarding },
        { provide: WorkerReports, useValue: master.reports },
        { provide: EtcdHealth, useValue: master.etcdHealth },
        { provide: EventLog, useValue: master.events },
        {
          provide: Masters,
          useFactory: () => {
            const figures = new ProcessFigures(master.processes);
            return new Masters(master.masters, master.leaders.leader, master.terms, figures);
          },
        },
        {
          provide: TaskLog,
          useFactory: () => new TaskLog(master.view, master.reports, master.ending),
        },
        {
          provide: Profiles,
          useFactory: () => new Profiles([master.masters, master.workers], master.processes, master.ending),
        },
        ...lists(master),
        ForwardingInterceptor,
        CrawlerMaster,
        ResourceDetails,
        Resources,
        Additions,
        Explanations,
        Nodes,
        Results,
        SpecHistory,
        TaskWork,
        Controls,
      ],
    };
  }
}

/** What is told from the index of tasks. */
function lists({ view, tasks, etcd, reports, masters, leaders, etcdHealth, ending }: Master): Provider[] {
  const pulse = resourcesPulse(view, tasks);
  const orders = new Orders(view, tasks, pulse);
  return [
    {
      provide: ResourceLists,
      useFactory: () => new ResourceLists({ view, etcd, index: tasks, orders, reports, pulse }, ending),
    },
    {
      provide: LiveResources,
      useFactory: (details: ResourceDetails) => new LiveResources(view, tasks, details, pulse, ending),
      inject: [ResourceDetails],
    },
    {
      provide: LiveCluster,
      useFactory: (all: Masters, nodes: Nodes, resources: ResourceLists) => {
        const ofNodes = clusterPulse(view, masters, leaders.leader);
        return new LiveCluster(all, nodes, resources, etcdHealth, ofNodes, ending);
      },
      inject: [Masters, Nodes, ResourceLists],
    },
  ];
}
