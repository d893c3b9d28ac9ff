-- What Redis gives a script. Checked is the flattened text of each command.
std = "lua51"
read_globals = {"redis", "cjson", "cmsgpack", "KEYS", "ARGV"}
max_line_length = 100
-- What is taken in inside a function has names of its own, whatever those around it are.
ignore = {"43./.*"}
