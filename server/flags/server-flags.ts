import { parseMasters } from '../../shared/masters.ts';
import { checked, oneOf, text, whole } from './flag.ts';
import { MASTER_FLAGS } from './master-flags.ts';
import { parseRoles } from './roles.ts';

/** `dawn server`: Dawn's scheduler and its console API, with a master in the same process or as a framework of one elsewhere. */
export const SERVER_FLAGS = {
  ...MASTER_FLAGS,
  max_tasks_per_job: whole({ help: 'instances that one job may have' }, 4000, 1, 1_000_000),
  agent_credential: text({
    help: 'principal and secret for agents that ask before they show logs and files: a file with {"principal":…,"secret":…}',
    placeholder: 'FILE',
  }),
  mesos_master: checked(
    {
      help: 'a Mesos master to be a framework of, instead of having one: URLs of all of them, with commas',
      placeholder: 'URL[,URL]',
    },
    '',
    (value) => value === '' || parseMasters('--mesos-master', value),
  ),
  mesos_role: checked(
    { help: 'the role to be offered resources of', placeholder: 'ROLE' },
    'dawn',
    (value) => {
      if (parseRoles(value).length !== 1) throw new Error('one role is wanted');
    },
  ),
  mesos_user: text({ help: 'the user that tasks run as there', placeholder: 'USER' }, 'root'),
  mesos_principal: text({ help: 'as whom to subscribe', placeholder: 'NAME' }),
  mesos_secret_file: text({ help: "where the principal's secret is", placeholder: 'FILE' }),
  mesos_encoding: oneOf({ help: 'what is spoken with it' }, 'json', ['json', 'protobuf']),
  simulate: text({
    help: 'JSON of a fixture cluster whose agents are simulated in this process',
    hidden: true,
  }),
};
