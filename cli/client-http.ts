/** The HTTP client in a module of its own, so that it is loaded with the first request and not before. */
export { Agent, request } from 'undici';
