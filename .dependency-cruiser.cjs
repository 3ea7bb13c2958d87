// The layers of ARCHITECTURE.md. A library may import those below it; nothing reaches into another's inside.
const layers = [
  ['errors', 'go-json'],
  ['config', 'proto', 'resources', 'observability', 'etcd'],
  ['registry', 'election', 'tasks'],
  ['task-modules', 'fetch', 'extract', 'transport', 'embedded-etcd'],
  ['crawl'],
  ['storage', 'export', 'preview'],
];

const upward = layers.flatMap((layer, height) => {
  const above = layers.slice(height + 1).flat();
  return above.length === 0
    ? []
    : [
        {
          name: `${layer.join(',')}-import-nothing-above`,
          severity: 'error',
          from: { path: `^libs/(${layer.join('|')})/src` },
          to: { path: `^libs/(${above.join('|')})/src` },
        },
      ];
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'libraries-know-no-application',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'applications-do-not-know-each-other',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'no-deep-import-into-a-library',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/([^/]+)/src/(?!index\\.ts$)', pathNot: '^libs/$2/' },
    },
    {
      name: 'pure-libraries-know-no-framework',
      severity: 'error',
      from: {
        path: '^libs/(errors|go-json|resources|election|registry|etcd|tasks|crawl|storage|embedded-etcd|config)/src',
      },
      to: { path: 'node_modules/@nestjs' },
    },
    {
      name: 'programs-do-not-import-tests',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '\\.(spec|contract)\\.ts$' },
      to: { path: '^test/|\\.spec\\.ts$' },
    },
    ...upward,
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
