import CardLayout
import ISO7816
import IssuerKeys

/// Reading one file, by its records or by its bytes.
extension CardReader {
    /// Whether a file is read under a line key that is at hand.
    func readsUnderLineKey(_ file: CompiledFile) -> Bool {
        presentsKeys && file.protection?.isReadProtected == true && conversation.canRead(file)
    }

    /// Reads a file under its line protection, where it has one, while the card takes the key for it.
    func read(
        _ file: CompiledFile, without shutLines: inout Set<String>, noting damaged: inout [Int]
    ) throws(CardError) -> FileReading.Outcome {
        guard let protection = file.protection, protection.isReadProtected else {
            return try read(file, noting: &damaged)
        }
        guard readsUnderLineKey(file), !shutLines.contains(protection.keyName) else {
            return .protected
        }
        let outcome = try read(file, noting: &damaged)
        if case .refused(let answer) = outcome, answer.refusesMAC { shutLines.insert(protection.keyName) }
        return outcome
    }

    func read(
        _ file: CompiledFile, noting damaged: inout [Int]
    ) throws(CardError) -> FileReading.Outcome {
        guard let description = file.file else { return .absent }
        if case .transparent(let size) = description.structure {
            return try readBytes(file, description, size: size, noting: &damaged)
        }
        var records: [[UInt8]] = []
        var shut: Set<Int> = []
        for number in 1...254 {
            let response = try conversation.send(
                commands.readRecord(
                    number, of: description,
                    length: compiled.profile.length(ofRecord: description.recordLength(number))), to: file)
            switch response.statusWord {
            case .success where isUnwritten(response, description),
                .dataMayBeCorrupted where isUnwritten(response, description):
                return outcome(records, shut, file)
            case .success where response.data.isEmpty: throw .senseless
            case .success, .dataMayBeCorrupted:
                if response.isDamaged { damaged.append(number) }
                records.append(compiled.profile.record(in: response.data))
            case .recordNotFound: return outcome(records, shut, file)
            // An application has no files but those whose records it was given.
            case .fileNotFound where compiled.profile.globalPlatform != nil: return .neverWritten
            case .fileNotFound: return .absent
            // A record behind a right of its own that was not presented: the others can still be read.
            case .securityStatusNotSatisfied:
                shut.insert(number)
                records.append([])
            default: return .refused(response.statusWord)
            }
            if number == description.recordCount { break }
        }
        return outcome(records, shut, file)
    }

    /// What came of asking for records, of which the card did not open some.
    ///
    /// A file whose right was met and that opens none of its records is refused, unless each has a right of its own; what an application
    /// wants for its records is its own affair.
    private func outcome(_ records: [[UInt8]], _ shut: Set<Int>, _ file: CompiledFile) -> FileReading.Outcome {
        if records.isEmpty { return .neverWritten }
        guard shut.count == records.count else { return .records(records) }
        let isUnexpected = shut.contains { !file.hasOwnRight(record: $0) }
        return isUnexpected && compiled.profile.hasAccessRules ? .refused(.securityStatusNotSatisfied) : .notOpen
    }

    /// Records of fixed and cyclic files stand side by side: behind the first that nobody has written there is none.
    private func isUnwritten(_ response: ResponseAPDU, _ file: ElementaryFile) -> Bool {
        guard [.fixedRecord, .cyclic].contains(file.structure.kind) else { return false }
        if response.statusWord == .dataMayBeCorrupted { return !response.isDamaged }
        return compiled.profile.unwrittenRecord.isFiller(response.data)
    }

    /// The fewest bytes that a card gives at a time of those it has.
    private static let leastPiece = 16

    private func readBytes(
        _ compiledFile: CompiledFile, _ file: ElementaryFile, size: Int, noting damaged: inout [Int]
    ) throws(CardError) -> FileReading.Outcome {
        var bytes: [UInt8] = []
        var isSelected = false
        while bytes.count < size {
            // An offset of one byte goes with the short identifier; behind it the file is selected, and stays so.
            if bytes.count > 0xFF, !isSelected {
                if let refusal = try selectFile(file) { return .refused(refusal) }
                isSelected = true
            }
            let count = min(size - bytes.count, compiledFile.largestRead(compiled.profile))
            let command = commands.readBinary(offset: bytes.count, of: file, length: count)
            let response = try conversation.send(command, to: compiledFile)
            switch response.statusWord {
            // 6281 with nothing at the beginning: nobody has written it (cos-dialects §6.2).
            case .dataMayBeCorrupted where bytes.isEmpty && response.data.isEmpty: return .neverWritten
            case .dataMayBeCorrupted where response.data.isEmpty: return .refused(response.statusWord)
            case .success, .dataMayBeCorrupted:
                if !response.statusWord.isSuccess { damaged.append(bytes.count) }
                // A card may give less at a time than it is asked for, but not drop by drop.
                guard (min(count, Self.leastPiece)...count).contains(response.data.count) else {
                    throw .unexpectedLength(place: file.name, response.data.count)
                }
                bytes += response.data
            // The card's file is shorter than the layout's.
            case .offsetOutside where !bytes.isEmpty: return content(bytes, noting: &damaged)
            case .fileNotFound: return .absent
            case .securityStatusNotSatisfied: return .notOpen
            default: return .refused(response.statusWord)
            }
        }
        return content(bytes, noting: &damaged)
    }

    /// What a transparent file holds.
    ///
    /// A filler that came with 6281 from its beginning to its end was written by nobody. A filler with anything behind it is damage.
    private func content(_ bytes: [UInt8], noting damaged: inout [Int]) -> FileReading.Outcome {
        let isFiller = bytes.allSatisfy { $0 == 0x00 } || bytes.allSatisfy { $0 == 0xFF }
        guard damaged.first == 0, isFiller else { return .bytes(bytes) }
        damaged = []
        return .neverWritten
    }

    /// - Returns: what the card said instead of success.
    private func selectFile(_ file: ElementaryFile) throws(CardError) -> StatusWord? {
        let command = try conversation.building { () throws(CommandAPDU.Malformed) in
            try commands.select(identifier: file.identifier)
        }
        let statusWord = try conversation.send(.fixed(command), wantsAnswer: false).statusWord
        return statusWord.isSuccess ? nil : statusWord
    }
}
