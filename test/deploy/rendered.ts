import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import { describeSkipped } from '../support/skip.js';

/** The parts of Kubernetes' objects that the checks look at. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Labels };
  data?: Record<string, string>;
  automountServiceAccountToken?: boolean;
  spec?: unknown;
}

export type Labels = Record<string, string>;

export interface Workload extends KubernetesObject {
  spec: {
    replicas?: number;
    serviceName: string;
    ordinals?: { start: number };
    selector: { matchLabels: Labels };
    template: { metadata: { labels: Labels; annotations?: Labels }; spec: PodSpec };
    volumeClaimTemplates?: { metadata: { name: string } }[];
  };
}

export interface PodSpec {
  serviceAccountName: string;
  automountServiceAccountToken: boolean;
  terminationGracePeriodSeconds: number;
  securityContext: { runAsNonRoot: boolean; runAsUser: number; seccompProfile: { type: string } };
  topologySpreadConstraints: { labelSelector: { matchLabels: Labels } }[];
  containers: Container[];
  volumes?: Volume[];
}

export interface Volume {
  name: string;
  configMap?: { name: string; optional?: boolean };
  secret?: { secretName: string };
  emptyDir?: object;
}

export interface Container {
  name: string;
  image: string;
  command?: string[];
  args: string[];
  env: { name: string; value?: string; valueFrom?: ValueFrom }[];
  ports: { name: string; containerPort: number }[];
  startupProbe: Probe;
  livenessProbe: Probe;
  readinessProbe: Probe;
  lifecycle?: { preStop?: { sleep?: { seconds: number } } };
  resources: { requests: Labels; limits: Labels };
  securityContext: {
    allowPrivilegeEscalation: boolean;
    readOnlyRootFilesystem: boolean;
    capabilities: { drop: string[] };
  };
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
}

export interface ValueFrom {
  fieldRef?: { fieldPath: string };
  configMapKeyRef?: { name: string; key: string };
  secretKeyRef?: { name: string; key: string };
}

export interface Probe {
  httpGet: { path: string; port: string | number };
}

const kubernetes = fileURLToPath(new URL('../../deploy/kubernetes', import.meta.url));

export const hasKubectl = kubectlOnPath();

/** `describe` for what a kustomization renders to; without kubectl only the base can be looked at. */
export function describeKustomization(kustomization: string, define: () => void): void {
  if (hasKubectl || kustomization === 'base') describe(kustomization, define);
  else describeSkipped(kustomization, 'no kubectl on the PATH to render it', define);
}

/**
 * The objects that `kubectl apply -k` would send. Without kubectl only the base, put together by hand: its
 * files and its generated ConfigMaps, without the labels and names that kustomize adds.
 */
export function render(kustomization: string): KubernetesObject[] {
  if (hasKubectl) {
    const text = execFileSync('kubectl', ['kustomize', join(kubernetes, kustomization)], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    return documents(text);
  }
  const base = join(kubernetes, 'base');
  const { resources, configMapGenerator } = parse(readFileSync(join(base, 'kustomization.yaml'), 'utf8')) as {
    resources: string[];
    configMapGenerator: { name: string; files?: string[]; literals?: string[] }[];
  };
  return [
    ...resources.flatMap((file) => documents(readFileSync(join(base, file), 'utf8'))),
    ...configMapGenerator.map(({ name, files = [], literals = [] }) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'orbweaver' },
      data: Object.fromEntries([
        ...literals.map((literal) => splitAt(literal)),
        ...files.map((entry) => {
          const [key, file] = splitAt(entry);
          return [key, readFileSync(join(base, file), 'utf8')];
        }),
      ]) as Record<string, string>,
    })),
  ];
}

function kubectlOnPath(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

export function ofKind<T extends KubernetesObject>(objects: readonly KubernetesObject[], kind: string): T[] {
  return objects.filter((object) => object.kind === kind) as T[];
}

export function workloads(objects: readonly KubernetesObject[]): Workload[] {
  return [...ofKind<Workload>(objects, 'StatefulSet'), ...ofKind<Workload>(objects, 'Deployment')];
}

/** Whether the labels fulfil a selector. */
export function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/** The environment that a container would get, with samples for what only a real cluster knows. */
export function environmentOf(
  container: Container,
  objects: readonly KubernetesObject[],
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const { name, value, valueFrom } of container.env) {
    const found = value ?? sample(valueFrom, objects);
    if (found === undefined) throw new Error(`${container.name}: nothing gives ${name} a value`);
    environment[name] = found;
  }
  return environment;
}

function sample(from: ValueFrom | undefined, objects: readonly KubernetesObject[]): string | undefined {
  if (from?.secretKeyRef?.key === 'url') return 'postgres://from-a-secret/store';
  if (from?.secretKeyRef !== undefined) return 'from-a-secret';
  if (from?.configMapKeyRef !== undefined) {
    const { name, key } = from.configMapKeyRef;
    return ofKind(objects, 'ConfigMap').find(({ metadata }) => metadata.name === name)?.data?.[key];
  }
  const fields: Record<string, string> = {
    'status.podIP': '10.1.2.3',
    'metadata.name': 'pod-1',
    "metadata.labels['apps.kubernetes.io/pod-index']": '1',
  };
  return fields[from?.fieldRef?.fieldPath ?? ''];
}

/**
 * The arguments as the kubelet would pass them, with `$(VAR)` filled in and each path under a mounted ConfigMap
 * turned into a real file below `directory`.
 */
export function argumentsOf(
  container: Container,
  pod: PodSpec,
  objects: readonly KubernetesObject[],
  directory: string,
): string[] {
  const environment = environmentOf(container, objects);
  return container.args.map((argument) => {
    const filled = argument.replaceAll(/\$\((\w+)\)/g, (whole, name: string) => environment[name] ?? whole);
    const [flag, path] = splitAt(filled);
    const mount = container.volumeMounts.find(({ mountPath }) => path.startsWith(`${mountPath}/`));
    const volume = pod.volumes?.find(({ name }) => name === mount?.name);
    const config = ofKind(objects, 'ConfigMap').find(
      ({ metadata }) => metadata.name === volume?.configMap?.name,
    );
    const key = path.slice((mount?.mountPath.length ?? 0) + 1);
    const text = config?.data?.[key];
    if (text === undefined) return filled;
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, key), text);
    return `${flag}=${join(directory, key)}`;
  });
}

function documents(text: string): KubernetesObject[] {
  return parseAllDocuments(text, { merge: true }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0] as Error;
    return document.toJS() as KubernetesObject;
  });
}

function splitAt(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
