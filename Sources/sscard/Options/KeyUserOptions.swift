import ArgumentParser

/// Who uses keys, in commands that book nothing: the log of keys names them.
struct KeyUserOptions: ParsableArguments {
    @Option(
        help: """
            用密钥者编号 Number of the officer who uses keys; training and development take 1001 where none is named, in production it has \
            to be named.
            """)
    var officer: UInt64?
}
