/// The C program that derives card keys with libcrypto alone (Fixtures/baselines/keybench.c).
struct KeyBaseline {
    let program: ChildProgram

    /// Derivations per second of processor time: one round of one line of its table, by name.
    func rate(of line: String, seconds: Double) throws -> Double {
        // sm4.derive.1blk.reuse      5359540       5266149       5398390   0.854 of raw.sm4-ecb.blocks
        let text = try program.output(seconds.description, "1", line)
        for row in text.split(separator: "\n") {
            let words = row.split(separator: " ")
            if words.count > 1, words[0] == line, let rate = Double(words[1]), rate > 0 { return rate }
        }
        throw BenchError.output(program.path, text)
    }
}
