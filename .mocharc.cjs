const isSlowRun = process.env.VOUCH_SLOW === '1';

module.exports = {
  spec: ['dist/test/**/*.test.js'],
  timeout: isSlowRun ? 3_600_000 : 120_000,
  slow: 5000,
  // Most suites keep one core busy or wait for a server. The slow tier's take all cores.
  parallel: !isSlowRun,
  jobs: 2,
  'forbid-only': true,
  'forbid-pending': true,
  'enable-source-maps': true,
  reporter: 'dist/test/tools/reporter.js',
};
