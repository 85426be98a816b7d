/** Labels of containers by which this agent knows its own. */
export const LABEL_PREFIX = 'dawn.';
export const LABEL_AGENT = `${LABEL_PREFIX}agent`;
export const LABEL_CONTAINER = `${LABEL_PREFIX}container`;
