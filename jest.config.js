// Below Node 24.9 jest cannot `require` an ES module, so packages that ship only ES modules are compiled by swc.
const [major, minor] = process.versions.node.split('.').map(Number);
const canRequireEsm = major > 24 || (major === 24 && minor >= 9);

const swc = {
  jsc: {
    target: 'es2022',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

export default {
  testEnvironment: 'node',
  // Tests wait for conditions with deadlines of their own, which are shorter: a busy machine is several times slower.
  testTimeout: 120_000,
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  testRegex: '\\.(spec|e2e-spec)\\.ts$',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^@app/([a-z-]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transformIgnorePatterns: canRequireEsm
    ? ['/node_modules/']
    : ['/node_modules/(?!(cookie|content-disposition)/)'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', swc],
    ...(canRequireEsm
      ? {}
      : {
          '/node_modules/.+\\.js$': [
            '@swc/jest',
            { jsc: { target: 'es2022' }, module: { type: 'commonjs' } },
          ],
        }),
  },
};
