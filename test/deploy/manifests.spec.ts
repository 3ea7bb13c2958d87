import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isReachable, readProgram, SHUTDOWN_SECONDS } from './programs.js';
import {
  argumentsOf,
  environmentOf,
  describeKustomization,
  hasKubectl,
  ofKind,
  render,
  selects,
  workloads,
  type Container,
  type KubernetesObject,
  type Labels,
  type PodSpec,
  type Workload,
} from './rendered.js';
import { startBareService, type BareService } from './served-paths.js';

let service: BareService;
let directory: string;
beforeAll(async () => {
  service = await startBareService();
  directory = mkdtempSync(join(tmpdir(), 'orbweaver-deploy-'));
});
afterAll(async () => {
  await service?.stop();
  rmSync(directory, { recursive: true, force: true });
});

for (const kustomization of ['base', 'overlays/small', 'overlays/production']) {
  describeKustomization(kustomization, () => {
    check(kustomization);
  });
}

function check(kustomization: string): void {
  let objects: KubernetesObject[];
  let pods: { workload: Workload; pod: PodSpec; container: Container }[];
  let own: typeof pods;
  beforeAll(() => {
    objects = render(kustomization);
    pods = workloads(objects).flatMap((workload) => {
      const pod = workload.spec.template.spec;
      return pod.containers.map((container) => ({ workload, pod, container }));
    });
    own = pods.filter(({ container }) => container.name !== 'etcd');
  });
  const program = ({ container, pod }: (typeof pods)[number]) =>
    readProgram(argumentsOf(container, pod, objects, directory), environmentOf(container, objects));
  const port = (container: Container, name: string | number): number | undefined =>
    typeof name === 'number' ? name : container.ports.find((entry) => entry.name === name)?.containerPort;

  it('runs masters and workers with flags, variables and files that the programs take', () => {
    expect(own.map((entry) => program(entry).name)).toEqual(['master', 'worker']);
  });

  it('names the ports that the programs bind, and binds them where others reach them', () => {
    for (const entry of own) {
      const { http, grpc, pprof, advertise } = program(entry);
      expect(port(entry.container, 'http')).toBe(http.port);
      expect(port(entry.container, 'grpc')).toBe(grpc.port);
      expect([isReachable(http), isReachable(grpc)]).toEqual([true, true]);
      expect(advertise).toBe(`10.1.2.3:${grpc.port}`);
      expect(pprof?.host).toBe('127.0.0.1');
    }
  });

  it('probes paths that are served: alive without etcd, ready only with it', async () => {
    for (const { container, workload } of own) {
      for (const kind of ['startupProbe', 'livenessProbe', 'readinessProbe'] as const) {
        const { path, port: probed } = container[kind].httpGet;
        expect(port(container, probed)).toBe(port(container, 'http'));
        service.setReady(true);
        expect([kind, await service.get(path)]).toEqual([kind, 200]);
        service.setReady(false);
        expect([kind, await service.get(path)]).toEqual([kind, kind === 'readinessProbe' ? 503 : 200]);
      }
      const annotations = workload.spec.template.metadata.annotations ?? {};
      expect(annotations['prometheus.io/port']).toBe(String(port(container, 'http')));
      expect(await service.get(annotations['prometheus.io/path'] ?? '')).toBe(200);
    }
  });

  it('gives every process more time to end than it takes', () => {
    for (const { pod, container } of own) {
      const sleep = container.lifecycle?.preStop?.sleep?.seconds ?? 0;
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(sleep + 2 * SHUTDOWN_SECONDS);
    }
  });

  it('mounts every path that a flag names, and lets the data directory alone be written', () => {
    for (const { container, pod, workload } of own) {
      const claims = (workload.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name);
      for (const argument of container.args.filter((text) => text.includes('=/'))) {
        const [flag, path = ''] = argument.split('=');
        const mount = container.volumeMounts.find(({ mountPath }) => `${path}/`.startsWith(`${mountPath}/`));
        expect([argument, mount === undefined]).toEqual([argument, false]);
        expect([argument, mount?.readOnly ?? false]).toEqual([argument, flag !== '--data-dir']);
        expect([argument, claims.includes(mount?.name ?? '')]).toEqual([argument, flag === '--data-dir']);
      }
      const volumes = [...claims, ...(pod.volumes ?? []).map(({ name }) => name)];
      for (const { name } of container.volumeMounts) expect(volumes).toContain(name);
    }
  });

  it('runs every container as nobody in particular, with a read-only root, no rights and limits', () => {
    for (const { pod, container } of pods) {
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.securityContext.runAsNonRoot).toBe(true);
      expect(pod.securityContext.runAsUser).toBeGreaterThan(0);
      expect(pod.securityContext.seccompProfile.type).toBe('RuntimeDefault');
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      for (const amounts of [container.resources.requests, container.resources.limits]) {
        expect(Object.keys(amounts).sort()).toEqual(['cpu', 'memory']);
      }
      if (hasKubectl) expect(container.image).toMatch(/:v?\d+\.\d+\.\d+$/);
    }
  });

  it('selects with each selector the pods that it means', () => {
    for (const { workload, pod, container } of pods) {
      const { labels } = workload.spec.template.metadata;
      expect(selects(workload.spec.selector.matchLabels, labels)).toBe(true);
      for (const { labelSelector } of pod.topologySpreadConstraints) {
        expect(selects(labelSelector.matchLabels, labels)).toBe(true);
      }
      expect(named('ServiceAccount', pod.serviceAccountName)?.automountServiceAccountToken).toBe(false);
      const governing = named('Service', workload.spec.serviceName)?.spec as ServiceSpec | undefined;
      expect(governing?.clusterIP).toBe('None');
      expect(selects(governing?.selector ?? {}, labels)).toBe(true);
      expect(matching('PodDisruptionBudget', labels)).toHaveLength(1);
      expect(matching('NetworkPolicy', labels).length).toBeGreaterThan(1); // its own, and default-deny
      for (const service_ of ofKind(objects, 'Service')) {
        const { selector, ports } = service_.spec as ServiceSpec;
        if (!selects(selector, labels)) continue;
        for (const { port: number, targetPort } of ports) expect(port(container, targetPort)).toBe(number);
      }
    }
    for (const { spec } of ofKind(objects, 'Service')) {
      expect(pods.some(({ workload }) => selects((spec as ServiceSpec).selector, labelsOf(workload)))).toBe(
        true,
      );
    }
  });

  it('scales a workload that is there and that does not say itself how many it has', () => {
    for (const autoscaler of ofKind(objects, 'HorizontalPodAutoscaler')) {
      const { scaleTargetRef, minReplicas, maxReplicas } = autoscaler.spec as {
        scaleTargetRef: { apiVersion: string; kind: string; name: string };
        minReplicas: number;
        maxReplicas: number;
      };
      const target = named(scaleTargetRef.kind, scaleTargetRef.name) as Workload | undefined;
      expect(target?.apiVersion).toBe(scaleTargetRef.apiVersion);
      expect(target?.spec.replicas).toBeUndefined();
      expect(minReplicas).toBeLessThan(maxReplicas);
    }
  });

  it('allows on the network only ports that something listens on', () => {
    const listened = new Set(
      pods.flatMap(({ container }) => container.ports.map((entry) => entry.containerPort)),
    );
    const outside = new Set([53, 80, 443, 2379, 4318, 5432]);
    for (const policy of ofKind(objects, 'NetworkPolicy')) {
      const { podSelector, ingress = [], egress = [] } = policy.spec as NetworkPolicySpec;
      const selected = pods.filter(({ workload }) =>
        selects(podSelector.matchLabels ?? {}, labelsOf(workload)),
      );
      expect(selected.length).toBeGreaterThan(0);
      for (const { port: allowed } of ingress.flatMap(({ ports = [] }) => ports)) {
        for (const { container } of selected)
          expect([policy.metadata.name, port(container, allowed)]).not.toContain(undefined);
      }
      for (const { port: allowed } of egress.flatMap(({ ports = [] }) => ports)) {
        expect(listened.has(Number(allowed)) || outside.has(Number(allowed))).toBe(true);
      }
    }
  });

  it('has no secret, puts all in one namespace and refers only to what is there', () => {
    expect(ofKind(objects, 'Secret')).toEqual([]);
    if (hasKubectl) {
      const spaces = objects
        .filter(({ kind }) => kind !== 'Namespace')
        .map(({ metadata }) => metadata.namespace);
      expect(new Set(spaces)).toEqual(new Set(['orbweaver']));
    }
    for (const { configMap } of pods.flatMap(({ pod }) => pod.volumes ?? [])) {
      if (configMap !== undefined && configMap.optional !== true) {
        expect(named('ConfigMap', configMap.name)).toBeDefined();
      }
    }
  });

  const named = (kind: string, name: string): KubernetesObject | undefined =>
    ofKind(objects, kind).find(({ metadata }) => metadata.name === name);
  const matching = (kind: string, labels: Labels): KubernetesObject[] =>
    ofKind(objects, kind).filter(({ spec }) => {
      const { selector, podSelector } = spec as { selector?: Selector; podSelector?: Selector };
      return selects((selector ?? podSelector)?.matchLabels ?? {}, labels);
    });
  const labelsOf = (workload: Workload): Labels => workload.spec.template.metadata.labels;
}

interface Selector {
  matchLabels?: Labels;
}

interface ServiceSpec {
  clusterIP?: string;
  selector: Labels;
  ports: { port: number; targetPort: string | number }[];
}

interface NetworkPolicySpec {
  podSelector: Selector;
  ingress?: { ports?: { port: string | number }[] }[];
  egress?: { ports?: { port: string | number }[] }[];
}
