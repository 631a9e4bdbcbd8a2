import assert from 'node:assert/strict';
import { walkText } from '../../bench/walk.ts';

describe('bench walk', () => {
  it('has a row for each step and one for all', () => {
    const steps = [
      { name: 'npm ci', seconds: 2.04 },
      { name: 'npm start', seconds: 3.5 },
    ];
    assert.match(walkText(steps), / 2\.0 +npm ci\n +3\.5 +npm start\n +5\.5 +all\n$/);
  });
});
