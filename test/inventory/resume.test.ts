import { beforeEach, expect, it, vi } from 'vitest';
import { resumeForGood } from '../../source/inventory/resume.js';
import { DomainState } from '../../source/libvirt/domain-state.js';
import { rejection } from '../wire/peer.js';
import { type FakeDomain, FakeHost, type FakeHypervisor } from './fake-host.js';

let host: FakeHost;
let link: FakeHypervisor;
let web: FakeDomain;

beforeEach(() => {
  vi.useFakeTimers();
  host = new FakeHost();
  link = host.open();
  web = host.addRunning('web', { state: DomainState.paused, reason: 5 });
  return () => vi.useRealTimers();
});

/** Resumes it; from then on it is in this state. */
async function resumed(state: DomainState, reason: number): Promise<void> {
  const { resume } = link;
  link.resume = async (domain) => {
    await resume(domain);
    Object.assign(web, { state, reason });
  };
  const done = resumeForGood(link, web);
  done.catch(() => {});
  await vi.runAllTimersAsync();
  return done;
}

it('a guest that fails again at once is told as that, with what to do', async () => {
  expect(await rejection(resumed(DomainState.paused, 5))).toMatchObject({
    message: 'it went on and is paused (I/O error) again',
    hint: expect.stringContaining('full'),
  });
});

it('one that goes on for a second and fails then is told as that as well', async () => {
  const { resume } = link;
  link.resume = async (domain) => {
    await resume(domain);
    web.state = DomainState.running;
    setTimeout(() => Object.assign(web, { state: DomainState.paused, reason: 5 }), 1000);
  };
  const done = resumeForGood(link, web);
  done.catch(() => {});
  await vi.runAllTimersAsync();
  expect(await rejection(done)).toMatchObject({ message: 'it went on and is paused (I/O error) again' });
});

it('one whose storage was mended goes on', async () => {
  await resumed(DomainState.running, 5);
  expect(host.calls.slice(0, 3)).toEqual(['state web', 'resume web', 'state web']);
});

it('one that a person has paused is resumed without a second look', async () => {
  web.reason = 1;
  await resumed(DomainState.running, 5);
  expect(host.calls).toEqual(['state web', 'resume web']);
});

it('a driver that does not tell states resumes all the same', async () => {
  host.failures.set('domainState', new Error('no such function'));
  await resumed(DomainState.running, 5);
  expect(host.calls).toEqual(['state web', 'resume web']);
});
