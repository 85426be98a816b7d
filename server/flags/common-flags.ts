import { onOff, text } from './flag.ts';

/** What every program that serves HTTP takes. */
export const COMMON_FLAGS = {
  insecure_bind: onOff(
    { help: 'listen on an address that others can reach, though nobody is asked who they are' },
    false,
  ),
  hostname: text({
    help: 'the name under which others reach this machine',
    placeholder: 'NAME',
    mesos: true,
  }),
  advertise_ip: text({
    help: 'the address under which others reach it, where it is not the one it listens on',
    placeholder: 'ADDRESS',
    mesos: true,
  }),
  advertise_port: text({ help: '… and the port', placeholder: 'PORT', mesos: true }),
  authenticate_http_readonly: onOff(
    { help: 'ask for a principal and its secret before anything is read', mesos: true },
    false,
  ),
  authenticate_http_readwrite: onOff(
    { help: 'ask for a principal and its secret before anything is changed', mesos: true },
    false,
  ),
  acls: text({ help: 'who may do what: JSON, or a file of it', placeholder: 'FILE', mesos: true }),
  ready_line: onOff(
    { help: 'the first line of output is JSON and says that it is ready', hidden: true },
    false,
  ),
  help: onOff({ help: 'this text' }, false),
};
