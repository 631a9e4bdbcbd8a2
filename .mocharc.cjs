module.exports = {
  spec: ['dist/test/**/*.test.js'],
  timeout: process.env.VOUCH_SLOW === '1' ? 3_600_000 : 120_000,
  slow: 5000,
  'forbid-only': true,
  'forbid-pending': true,
  'enable-source-maps': true,
  reporter: 'dist/test/tools/reporter.js',
};
