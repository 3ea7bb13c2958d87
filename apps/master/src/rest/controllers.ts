import { ClusterRestController } from './cluster.controller.js';
import { LiveRestController } from './live.controller.js';
import { ResourceRestController } from './resource.controller.js';
import { ResultsRestController } from './results.controller.js';
import { TaskRestController } from './task.controller.js';

/** Everything that masters serve under /crawler. */
export const restControllers = [
  ResourceRestController,
  ResultsRestController,
  TaskRestController,
  ClusterRestController,
  LiveRestController,
];
