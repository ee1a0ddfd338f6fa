import { DOM, NET, POOL, VOL } from '../objects.js';
import { proc } from '../procedure.js';
import { DomainStatsRecord } from '../structs.js';
import { i32, list, u32 } from '../xdr.js';

/** Every object of a kind, or the statistics of every domain, in one call. */
export const lists = {
  CONNECT_LIST_ALL_DOMAINS: proc(
    273,
    { need_results: i32, flags: u32 },
    { domains: list(DOM, 16_384), ret: u32 },
  ),
  CONNECT_LIST_ALL_NETWORKS: proc(
    283,
    { need_results: i32, flags: u32 },
    { nets: list(NET, 16_384), ret: u32 },
  ),
  CONNECT_LIST_ALL_STORAGE_POOLS: proc(
    281,
    { need_results: i32, flags: u32 },
    { pools: list(POOL, 16_384), ret: u32 },
  ),
  STORAGE_POOL_LIST_ALL_VOLUMES: proc(
    282,
    { pool: POOL, need_results: i32, flags: u32 },
    { vols: list(VOL, 16_384), ret: u32 },
  ),
  CONNECT_GET_ALL_DOMAIN_STATS: proc(
    344,
    { doms: list(DOM, 16_384), stats: u32, flags: u32 },
    { retStats: list(DomainStatsRecord, 16_384) },
  ),
};
