export interface paths {
  '/crawler/resource': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Resources in the order of their names, page by page */
    get: operations['Cluster_ListResources'];
    put?: never;
    /** Give a resource to a worker */
    post: operations['CrawlerMaster_AddResource'];
    /** Take a resource away, with its spec */
    delete: operations['CrawlerMaster_DeleteResource'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/crawler/resource/{name}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** One resource, its spec, and how far its crawl is */
    get: operations['Cluster_GetResource'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/crawler/resource/{name}/spec': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Replace what a resource crawls
     * @description Replaces what the resource crawls. Its worker starts over with the new spec.
     */
    put: operations['Cluster_UpdateSpec'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/crawler/resource/{name}/pages': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The pages that the crawl has stored
     * @description The pages that a resource's crawl has stored, in order of discovery.
     */
    get: operations['Cluster_ListPages'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/crawler/resources': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Many resources at once, one result for each
     * @description One answer per entry, in order. An entry that fails does not stop the others.
     */
    post: operations['Cluster_AddResources'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/crawler/node': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The workers, their load and state */
    get: operations['Cluster_ListNodes'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/crawler/node/{id}/drain': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Empty a worker
     * @description The node gets nothing new and hands over what it has. Stays so until undrained or gone.
     */
    post: operations['Cluster_DrainNode'];
    /** Give a drained worker resources again */
    delete: operations['Cluster_UndrainNode'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/crawler/master': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The masters, and who of them leads */
    get: operations['Cluster_ListMasters'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    ResourceSpec: {
      id?: string;
      name?: string;
      assignedNode?: string;
      /** Format: int64 */
      creationTime?: string;
      /** @description What to crawl, as JSON of at most 256 KiB. Empty: the worker's own task of this name. */
      spec?: string | Record<string, never>;
    };
    NodeSpec: {
      id?: string;
      Address?: string;
    };
    Empty: Record<string, never>;
    ListResourcesResponse: {
      resources?: components['schemas']['Resource'][];
      /** @description Empty on the last page. */
      nextPageToken?: string;
      /**
       * Format: int32
       * @description How many resources match in all.
       */
      total?: number;
    };
    Resource: {
      id?: string;
      name?: string;
      /** @description Node id and address of the worker, empty while unassigned. */
      nodeId?: string;
      nodeAddress?: string;
      /** Format: date-time */
      createdAt?: string;
      /**
       * Format: int64
       * @description Revision of the assignment in etcd: grows with every reassignment. 0 while unassigned.
       */
      epoch?: string;
      /** @description JSON, empty for a resource added by name alone. Only in GetResource. */
      spec?: string | Record<string, never>;
      /** @description What its worker says of it. In GetResource, and in ListResources if asked for; only while the worker answers. */
      task?: components['schemas']['TaskStatus'];
      /** @description What people and its schedule want of it. Only in GetResource and in the answers of what changes it. */
      control?: components['schemas']['Control'];
      /**
       * Format: date-time
       * @description When its schedule fires next. Only in GetResource; not while it is paused.
       */
      nextRunAt?: string;
    };
    TaskStatus: {
      name?: string;
      /** @description pending, running, paused, done, failed */
      state?: string;
      /** @description Why it is pending or failed, or was done early, for a person to read. */
      reason?: string;
      /** Format: int64 */
      pagesDone?: string;
      /** Format: int64 */
      pagesQueued?: string;
      /** Format: int64 */
      pagesFailed?: string;
      /** Format: date-time */
      since?: string;
      nodeId?: string;
      /** Format: int64 */
      epoch?: string;
      /**
       * Format: int64
       * @description Stored so far, of all runs.
       */
      items?: string;
      /** @description At present; 0 unless it is running. */
      pagesPerSecond?: number;
      /**
       * Format: int32
       * @description Which run this tells of, from 1, and how often its failed pages were asked for again.
       */
      run?: number;
      /** Format: int32 */
      retry?: number;
      /** @description Hosts that keep it waiting, at most ten. */
      waiting?: components['schemas']['HostWait'][];
    };
    HostWait: {
      host?: string;
      /** @description For a person to read. */
      reason?: string;
      /** Format: date-time */
      until?: string;
    };
    Control: {
      paused?: boolean;
      /**
       * Format: int32
       * @description From 1; one more with each restart and each firing of its schedule.
       */
      run?: number;
      /**
       * Format: int32
       * @description How often failed pages were asked for again.
       */
      retry?: number;
      /**
       * Format: int32
       * @description How often it was started over from nothing. The run is 1 again then, and what was stored is gone.
       */
      generation?: number;
    };
    ListPagesResponse: {
      pages?: components['schemas']['Page'][];
      nextPageToken?: string;
    };
    Page: {
      url?: string;
      /**
       * Format: int32
       * @description HTTP status, 0 when no answer came.
       */
      status?: number;
      title?: string;
      /** Format: int32 */
      depth?: number;
      /** Format: date-time */
      fetchedAt?: string;
      /** Format: int64 */
      bytes?: string;
      /** @description Why the page failed, empty when it did not. */
      error?: string;
      /** @description done, redirected, failed */
      state?: string;
      /**
       * Format: int32
       * @description How often it was tried in its last run.
       */
      attempts?: number;
      /** @description The rule of the spec that reads it. */
      rule?: string;
    };
    AddResourcesRequest: {
      /** @description At most 1000. */
      resources?: components['schemas']['ResourceEntry'][];
    };
    ResourceEntry: {
      name?: string;
      spec?: string | Record<string, never>;
    };
    AddResourcesResponse: {
      results?: components['schemas']['AddResourceResult'][];
    };
    AddResourceResult: {
      /** @description Set when the entry was added, or stood there already with the same spec. */
      id?: string;
      nodeId?: string;
      nodeAddress?: string;
      /**
       * Format: int32
       * @description gRPC status code, 0 when it went well.
       */
      code?: number;
      message?: string;
    };
    ListNodesResponse: {
      nodes?: components['schemas']['Node'][];
    };
    Node: {
      id?: string;
      address?: string;
      /**
       * Format: int32
       * @description How many resources are assigned to it.
       */
      load?: number;
      draining?: boolean;
      /** @description Empty where the node did not answer in time. */
      state?: string;
      /** Format: int32 */
      running?: number;
      /** Format: int64 */
      pages?: string;
    };
    ListMastersResponse: {
      masters?: components['schemas']['Master'][];
      leader?: components['schemas']['Leader'];
    };
    Master: {
      id?: string;
      address?: string;
      leader?: boolean;
    };
    Leader: {
      /** @description As in etcd: `master<id>-<ip>:<port>`. Empty while nobody leads. */
      value?: string;
      address?: string;
      /**
       * Format: int64
       * @description Create revision of the leader's key: grows with every term.
       */
      term?: string;
      /**
       * Format: date-time
       * @description When this master saw it begin, by this master's clock.
       */
      since?: string;
    };
    /**
     * @example {
     *       "code": 5,
     *       "message": "no such task",
     *       "details": []
     *     }
     */
    Error: {
      /** @description gRPC status code */
      code?: number;
      message?: string;
      /** @description always empty */
      details?: unknown[];
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  Cluster_ListResources: {
    parameters: {
      query?: {
        /** @description 1 to 1000; 0 means 100. */
        pageSize?: number;
        /** @description As the page before gave it; empty for the first page. */
        pageToken?: string;
        /** @description Only those of this worker. */
        nodeId?: string;
        /** @description Only names that begin so. */
        prefix?: string;
        /** @description With `task` in each resource, asked of the workers. */
        status?: boolean;
        /** @description strong: answered by the leader, not from the view of the master asked */
        consistency?: 'strong';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "resources": [
           *         {
           *           "id": "1621665639791857664",
           *           "name": "example",
           *           "nodeId": "go.micro.server.worker-2",
           *           "nodeAddress": "10.156.157.194:11902",
           *           "createdAt": "2023-02-04T01:36:32.274320Z",
           *           "epoch": "1815",
           *           "spec": ""
           *         }
           *       ],
           *       "nextPageToken": "ZXhhbXBsZQ",
           *       "total": 1001
           *     }
           */
          'application/json': components['schemas']['ListResourcesResponse'];
        };
      };
      /** @description An error */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  CrawlerMaster_AddResource: {
    parameters: {
      query?: {
        /** @description keep the resource without a worker while there is none */
        pending?: boolean;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "name": "example",
         *       "spec": {
         *         "seeds": [
         *           "https://example.com/"
         *         ],
         *         "maxDepth": 3,
         *         "maxPages": 1000,
         *         "delay": "1s"
         *       }
         *     }
         */
        'application/json': components['schemas']['ResourceSpec'];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "go.micro.server.worker-2",
           *       "Address": "10.156.157.194:11902"
           *     }
           */
          'application/json': components['schemas']['NodeSpec'];
        };
      };
      /** @description An error */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  CrawlerMaster_DeleteResource: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "name": "example"
         *     }
         */
        'application/json': components['schemas']['ResourceSpec'];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /** @example {} */
          'application/json': components['schemas']['Empty'];
        };
      };
      /** @description An error */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  Cluster_GetResource: {
    parameters: {
      query?: {
        /** @description strong: answered by the leader, not from the view of the master asked */
        consistency?: 'strong';
      };
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "1621665639791857664",
           *       "name": "example",
           *       "nodeId": "go.micro.server.worker-2",
           *       "nodeAddress": "10.156.157.194:11902",
           *       "createdAt": "2023-02-04T01:36:32.274320Z",
           *       "epoch": "1815",
           *       "spec": "{\"seeds\":[\"https://example.com/\"],\"maxDepth\":3,\"maxPages\":1000,\"delay\":\"1s\"}",
           *       "task": {
           *         "name": "example",
           *         "state": "running",
           *         "reason": "",
           *         "pagesDone": "120",
           *         "pagesQueued": "48",
           *         "pagesFailed": "2",
           *         "since": "2026-11-22T14:52:26.660Z",
           *         "nodeId": "go.micro.server.worker-2",
           *         "epoch": "1815"
           *       }
           *     }
           */
          'application/json': components['schemas']['Resource'];
        };
      };
      /** @description An error */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  Cluster_UpdateSpec: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "seeds": [
         *         "https://example.com/"
         *       ],
         *       "maxDepth": 3,
         *       "maxPages": 1000,
         *       "delay": "1s"
         *     }
         */
        'application/json': Record<string, never>;
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "1621665639791857664",
           *       "name": "example",
           *       "nodeId": "go.micro.server.worker-2",
           *       "nodeAddress": "10.156.157.194:11902",
           *       "createdAt": "2023-02-04T01:36:32.274320Z",
           *       "epoch": "1815",
           *       "spec": "{\"seeds\":[\"https://example.com/\"],\"maxDepth\":3,\"maxPages\":1000,\"delay\":\"1s\"}",
           *       "task": {
           *         "name": "example",
           *         "state": "running",
           *         "reason": "",
           *         "pagesDone": "120",
           *         "pagesQueued": "48",
           *         "pagesFailed": "2",
           *         "since": "2026-11-22T14:52:26.660Z",
           *         "nodeId": "go.micro.server.worker-2",
           *         "epoch": "1815"
           *       }
           *     }
           */
          'application/json': components['schemas']['Resource'];
        };
      };
      /** @description An error */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  Cluster_ListPages: {
    parameters: {
      query?: {
        /** @description 1 to 1000; 0 means 100. */
        pageSize?: number;
        pageToken?: string;
        /** @description Only those that failed. */
        failed?: boolean;
      };
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "pages": [
           *         {
           *           "url": "https://example.com/",
           *           "status": 200,
           *           "title": "Example Domain",
           *           "depth": 0,
           *           "fetchedAt": "2026-11-22T14:52:27.012Z",
           *           "bytes": "1256",
           *           "error": ""
           *         }
           *       ],
           *       "nextPageToken": ""
           *     }
           */
          'application/json': components['schemas']['ListPagesResponse'];
        };
      };
      /** @description An error */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  Cluster_AddResources: {
    parameters: {
      query?: {
        /** @description keep the resource without a worker while there is none */
        pending?: boolean;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "resources": [
         *         {
         *           "name": "example",
         *           "spec": {
         *             "seeds": [
         *               "https://example.com/"
         *             ],
         *             "maxDepth": 3,
         *             "maxPages": 1000,
         *             "delay": "1s"
         *           }
         *         },
         *         {
         *           "name": "douban_book_list"
         *         }
         *       ]
         *     }
         */
        'application/json': components['schemas']['AddResourcesRequest'];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "results": [
           *         {
           *           "id": "1621665639791857664",
           *           "nodeId": "go.micro.server.worker-2",
           *           "nodeAddress": "10.156.157.194:11902",
           *           "code": 0,
           *           "message": ""
           *         },
           *         {
           *           "id": "",
           *           "nodeId": "",
           *           "nodeAddress": "",
           *           "code": 6,
           *           "message": "resource \"douban_book_list\" exists with another spec"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['AddResourcesResponse'];
        };
      };
      /** @description An error */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  Cluster_ListNodes: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "nodes": [
           *         {
           *           "id": "go.micro.server.worker-2",
           *           "address": "10.156.157.194:11902",
           *           "load": 501,
           *           "draining": false,
           *           "state": "crawling",
           *           "running": 499,
           *           "pages": "81205"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['ListNodesResponse'];
        };
      };
      /** @description An error */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  Cluster_DrainNode: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "go.micro.server.worker-2",
           *       "address": "10.156.157.194:11902",
           *       "load": 501,
           *       "draining": true,
           *       "state": "crawling",
           *       "running": 499,
           *       "pages": "81205"
           *     }
           */
          'application/json': components['schemas']['Node'];
        };
      };
      /** @description An error */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  Cluster_UndrainNode: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "go.micro.server.worker-2",
           *       "address": "10.156.157.194:11902",
           *       "load": 501,
           *       "draining": false,
           *       "state": "crawling",
           *       "running": 499,
           *       "pages": "81205"
           *     }
           */
          'application/json': components['schemas']['Node'];
        };
      };
      /** @description An error */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  Cluster_ListMasters: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "masters": [
           *         {
           *           "id": "go.micro.server.master-1",
           *           "address": "10.156.157.194:9091",
           *           "leader": true
           *         },
           *         {
           *           "id": "go.micro.server.master-2",
           *           "address": "10.156.157.195:9091",
           *           "leader": false
           *         }
           *       ],
           *       "leader": {
           *         "value": "master1-10.156.157.194:9091",
           *         "address": "10.156.157.194:9091",
           *         "term": "1207",
           *         "since": "2026-11-22T14:52:26.660Z"
           *       }
           *     }
           */
          'application/json': components['schemas']['ListMastersResponse'];
        };
      };
      /** @description An error */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
}
