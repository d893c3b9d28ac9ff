-- What Redis gives a script. Checked is the flattened text of each command.
std = "lua51"
read_globals = {"redis", "cjson", "cmsgpack", "KEYS", "ARGV"}
max_line_length = 100
