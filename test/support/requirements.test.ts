import { afterEach, expect, test, vi } from 'vitest';
import { needs } from '../../scripts/requirements.mjs';
import { missingOf, requires } from './requirements.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('every need names the packages that bring it', () => {
  for (const { packages, programs } of Object.values(needs)) {
    expect(packages.length).toBeGreaterThan(0);
    expect(programs.length).toBeGreaterThan(0);
  }
});

test('what is missing is named, and an error where CI is set', () => {
  vi.spyOn(process, 'getuid').mockReturnValue(1000);
  expect(missingOf(['root'])).toEqual(['root']);
  vi.stubEnv('CI', 'true');
  expect(() => requires('root')).toThrow('needs root');
  vi.stubEnv('CI', '');
  expect(() => requires('root')).not.toThrow();
});

test('what is there makes a describe of its own', () => {
  vi.spyOn(process, 'getuid').mockReturnValue(0);
  vi.stubEnv('CI', 'true');
  expect(missingOf(['root'])).toEqual([]);
  expect(() => requires('root')).not.toThrow();
});
