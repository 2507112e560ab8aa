%% Reads files with RabbitMQ's own parser and schema (cuttlefish): paths are the arguments, a line of "place<TAB>value" for each
%% option is the answer, and a line "=" ends a file. What the schema refuses is a line "!".
main([Schema | Files]) ->
    Known = cuttlefish_schema:files([Schema]),
    [read(Known, File) || File <- Files].

read(Known, File) ->
    case cuttlefish_conf:file(File) of
        Options when is_list(Options) ->
            [io:format("~ts\t~ts~n", [lists:join(".", Name), Value]) || {Name, Value} <- Options],
            case cuttlefish_generator:map(Known, Options) of
                {error, _, Why} -> io:format("!~p~n", [Why]);
                _ -> ok
            end;
        Wrong -> io:format("!~p~n", [Wrong])
    end,
    io:format("=~n").
