import CardData
import CardLayout
import ISO7816

/// Write rules, asked by a write that must be refused: exactly the bytes that were read, sent back with nothing presented.
///
/// Refused with 6982 the rule is kept. Accepted it is a finding, and the card holds what it held. No try hangs on it: nothing is
/// authenticated and nothing protected. Never sent to rings, where a row would be added; to files that were not read, or were never written;
/// to files that everybody may write; to applications that keep their rules themselves.
extension CardVerifier {
    /// The verdict on a file's write rule.
    ///
    /// - Parameters:
    ///   - prober: a conversation over a channel that lets writes through.
    ///   - outcome: what the file holds, as it was read.
    func probeWriting(
        _ file: CompiledFile, in directory: CompiledDirectory, holding outcome: FileReading.Outcome,
        with prober: CardConversation
    ) throws(CardError) -> RuleFinding.Verdict {
        guard let description = file.file else { return .notProbed(.absent) }
        guard compiled.profile.hasAccessRules else { return .notProbed(.ownAffair) }
        if case .cyclic = description.structure { return .notProbed(.wouldAppend) }
        guard !AccessPath.opens(file.writeByte, 0) else { return .notProbed(.openToAll) }
        guard file.protection == nil, compiled.profile.takesPlainWrites(to: description) else {
            return .notProbed(.protectedWrites)
        }
        let command: CommandAPDU
        switch outcome {
        case .records(let records):
            guard let index = records.firstIndex(where: { !$0.isEmpty }) else { return .notProbed(.notOpened) }
            command = try prober.building { () throws(CommandAPDU.Malformed) in
                try CardCommands(profile: compiled.profile).updateRecord(index + 1, of: description, records[index])
            }
        case .bytes(let bytes):
            let count = min(bytes.count, compiled.profile.largestCommandData, prober.largestCommandData)
            guard count > 0 else { return .notProbed(.neverWritten) }
            command = try prober.building { () throws(CommandAPDU.Malformed) in
                try CardCommands(profile: compiled.profile).updateBinary(
                    offset: 0, of: description.shortIdentifier, Array(bytes.prefix(count)))
            }
        case .neverWritten: return .notProbed(.neverWritten)
        case .notOpen, .protected, .refused: return .notProbed(.notOpened)
        case .absent: return .notProbed(.absent)
        }
        // Selected anew, the directory has nothing presented.
        guard try CardReader(prober, compiled, presentsKeys: false).enters(directory) else {
            return .notProbed(.absent)
        }
        let answer = try prober.send(.fixed(command), wantsAnswer: false).statusWord
        if answer == .securityStatusNotSatisfied { return .ok }
        guard answer.isSuccess else {
            return .violated([Fault("card-verify.write-answer", ["statusWord": answer.description])])
        }
        return .violated(
            [Fault("card-verify.write-open", ["statusWord": answer.description])]
                + (try changes(of: file, in: directory, since: outcome)))
    }

    /// That a file which took the write does not hold what it held; none where it does, or cannot be read any more.
    private func changes(
        of file: CompiledFile, in directory: CompiledDirectory, since outcome: FileReading.Outcome
    ) throws(CardError) -> [Fault] {
        let readings = try CardReader(
            conversation, compiled, presentsKeys: presentsKeys, pinLength: pinLength
        ).read(directories: [directory.name])
        let now = readings.first { $0.file == file.name }?.outcome
        return now == outcome ? [] : [Fault("card-verify.write-changed")]
    }
}

extension COSProfile {
    /// Whether a file takes writes without protection; a MAC that is missing or wrong counts against the file's key.
    fileprivate func takesPlainWrites(to file: ElementaryFile) -> Bool {
        guard family == .fmcos || family == .timecos else { return true }
        return codes.code(of: file.structure.kind) & 0xC0 == 0
    }
}
