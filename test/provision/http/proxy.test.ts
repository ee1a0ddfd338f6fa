import { expect, test } from 'vitest';
import { proxyFor } from '../../../source/provision/http/proxy.js';

const proxy = 'http://proxy.lan:3128';
const usesProxy = (url: string, no_proxy: string): boolean =>
  proxyFor(new URL(url), { http_proxy: proxy, https_proxy: proxy, no_proxy }) !== undefined;

test.each([
  ['', true],
  ['*', false],
  ['images.example.org', false],
  ['example.org', false],
  ['.example.org', false],
  ['*.example.org', false],
  ['mages.example.org', true],
  ['a.lan, EXAMPLE.org', false],
  ['a.lan example.org', false],
  ['example.org:443', false],
  ['example.org:8443', true],
])('no_proxy=%j excepts a site as it does for curl', (no_proxy, expected) => {
  expect(usesProxy('https://images.example.org/a.img', no_proxy)).toBe(expected);
});

test.each(['::1', '[::1]', '[::1]:80'])('no_proxy=%j excepts an IPv6 address', (no_proxy) => {
  expect(usesProxy('http://[::1]/a', no_proxy)).toBe(false);
});

test('each protocol has its own variable, in either case', () => {
  const env = { HTTP_PROXY: 'a.lan:1', https_proxy: 'https://b.lan:2' };
  expect(proxyFor(new URL('http://x/'), env)?.href).toBe('http://a.lan:1/');
  expect(proxyFor(new URL('https://x/'), env)?.href).toBe('https://b.lan:2/');
  expect(proxyFor(new URL('https://x/'), { http_proxy: proxy })).toBeUndefined();
});
