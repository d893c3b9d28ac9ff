// The languages of the peer: image and command line of each.

export const languages = {
  bash: {image: process.env.PEER_BASH, command: code => ['bash', '-c', code]},
  python: {image: process.env.PEER_PYTHON, command: code => ['python3', '-c', code]},
  javascript: {image: process.env.PEER_JAVASCRIPT, command: code => ['node', '-e', code]},
};
