import type { Disturbance } from './disturbance.js';

/** What `virtdeck lab` was asked for. */
export interface LabCliOptions {
  readonly socket: string;
  readonly domains: number | undefined;
  /** Of a pool of many. */
  readonly volumes: number | undefined;
  readonly seed: number | undefined;
  /** Milliseconds added to every reply and event. */
  readonly latency: number | undefined;
  /** Milliseconds at most, on top of it. */
  readonly jitter: number | undefined;
  readonly speed: number | undefined;
  /** Changes per minute. */
  readonly churn: number | undefined;
  readonly hostname: string | undefined;
  readonly faults: readonly Disturbance[];
}
