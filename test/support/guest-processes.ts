export { endGuests, guestPids } from './guest-processes.mjs';
