import { expect, test } from 'vitest';
import { settingsPath } from '../../source/settings/settings-path.js';

const nobody = () => undefined;

test.each([
  [{ XDG_CONFIG_HOME: '/x', HOME: '/h' }, '/x/virtdeck/config.yaml'],
  [{ HOME: '/h' }, '/h/.config/virtdeck/config.yaml'],
  [{ XDG_CONFIG_HOME: '', HOME: '/h' }, '/h/.config/virtdeck/config.yaml'],
  [{ XDG_CONFIG_HOME: 'relative', HOME: '/h' }, '/h/.config/virtdeck/config.yaml'],
  [{}, undefined],
  [{ HOME: '' }, undefined],
])('%j: %s', (env, path) => {
  expect(settingsPath(env, nobody)).toBe(path);
});

test('without HOME the user database decides', () => {
  expect(settingsPath({}, () => '/home/ann')).toBe('/home/ann/.config/virtdeck/config.yaml');
});
