import CardCryptography
import CardData
public import CardLayout
import ISO7816
import IssuerKeys

/// Checks every rule of a layout on a live card and spends no try; unless write rules are probed, it writes nothing either.
///
/// What is sent: SELECT, READ, and where a key store was given INTERNAL AUTHENTICATE, which has no counter; only when that proves the store to
/// be this card's are read keys presented. A COS of this family does not tell how many tries a key has left, so a store that fails the proof
/// presents nothing. Write rules are probed only where a conversation is given for it, by writing back what was read.
public struct CardVerifier {
    let conversation: CardConversation
    let compiled: CompiledCard
    private let encoder: PersonImageEncoder
    let presentsKeys: Bool
    let pinLength: Int?
    private let prober: CardConversation?

    /// A verifier for one card.
    ///
    /// - Parameters:
    ///   - encoder: judges values by the layout and its code tables.
    ///   - presentsKeys: whether a key store was given.
    ///   - pinLength: bytes of the PIN the conversation has, where the PIN may be presented.
    ///   - prober: a second conversation with the card whose channel lets writes through, where write rules are to be probed.
    public init(
        _ conversation: CardConversation, _ compiled: CompiledCard, encoder: PersonImageEncoder, presentsKeys: Bool,
        pinLength: Int? = nil, probingWritesWith prober: CardConversation? = nil
    ) {
        self.prober = prober
        self.conversation = conversation
        self.compiled = compiled
        self.encoder = encoder
        self.presentsKeys = presentsKeys
        self.pinLength = pinLength
    }

    /// Everything that was found, in the order of the layout.
    ///
    /// - Parameter progress: told the directory that is looked at.
    public func check(progress: (String) -> Void = { _ in }) throws(CardError) -> [RuleFinding] {
        var findings: [RuleFinding] = []
        let isOurs = try proof(&findings)
        findings += try checkSystemFiles()
        var readable: Set<String> = []
        for directory in compiled.directories {
            progress(directory.name)
            let presence = try presence(of: directory)
            findings.append(finding(.directoryPresent, directory, verdict: presence))
            guard presence == .ok else { continue }
            for file in directory.files where file.file != nil { try probe(file, in: directory, &findings) }
            // Reading goes by the structures of the layout: where one is another, the directory is not read.
            let isAsLaidOut = !findings.contains { $0.rule == .structure && $0.directory == directory.name }
            if isAsLaidOut { readable.insert(directory.name) }
        }
        let readings = try CardReader(
            conversation, compiled, presentsKeys: isOurs ?? false, pinLength: pinLength
        ).read(directories: readable) { progress("\($0.directory)/\($0.file)") }
        let dump = CardDump(layoutName: compiled.layout.name, answerToReset: [], readings: readings)
        let content = dump.content(by: compiled.layout)
        for directory in compiled.directories where readable.contains(directory.name) {
            for file in directory.files {
                guard let description = file.file else { continue }
                guard let outcome = dump[directory.name, description.name] else {
                    // it was there a moment ago, or its directory was
                    findings.append(
                        finding(
                            .readWithRights, directory, file, verdict: .violated([Fault("card-verify.not-read")])))
                    continue
                }
                var writing = RuleFinding.Verdict.notProbed(.wouldWrite)
                // A write would make damaged bytes look sound.
                if let prober, dump.damaged(directory.name, description.name).isEmpty {
                    writing = try probeWriting(file, in: directory, holding: outcome, with: prober)
                }
                judge(outcome, file, description, in: directory, isOurs, content, writing, &findings)
            }
        }
        return findings
    }

    /// Whether the card has a directory; an application that is there and does not open, a locked one for instance, is not absent.
    private func presence(of directory: CompiledDirectory) throws(CardError) -> RuleFinding.Verdict {
        let absent = RuleFinding.Verdict.violated([Fault("card-verify.absent")])
        let reader = CardReader(conversation, compiled, presentsKeys: false)
        // What no other directory holds is refused by a blank card as well.
        guard directory.directory?.parent != nil else { return try reader.enters(directory) ? .ok : absent }
        do {
            return try reader.entersUnlocked(directory) ? .ok : absent
        } catch .refused(_, let statusWord) {
            return .violated([Fault("card-verify.answer", ["statusWord": statusWord.description])])
        }
    }

    // MARK: - Without rights

    /// Presence, structure and the read rule, asked with nothing presented; the directory is selected.
    private func probe(
        _ file: CompiledFile, in directory: CompiledDirectory, _ findings: inout [RuleFinding]
    ) throws(CardError) {
        guard let description = file.file else { return }
        let own = description.elements.filter { $0.tag.flatMap { file.recordReadBytes[$0] } != nil }
        let first = description.elements.firstIndex { !own.contains($0) } ?? 0
        let number = description.elements.prefix(first).reduce(1) { $0 + $1.repeats }
        let answer = try answer(number, of: description)
        switch answer {
        case .fileNotFound where compiled.profile.globalPlatform != nil && description.structure.kind == .cyclic:
            // An application has a ring only once it was given a row of it.
            findings.append(finding(.filePresent, directory, file, verdict: .notProbed(.neverWritten)))
            return
        case .fileNotFound:
            findings.append(
                finding(.filePresent, directory, file, verdict: .violated([Fault("card-verify.absent")])))
            return
        case .incompatibleFileStructure:
            findings.append(finding(.filePresent, directory, file, verdict: .ok))
            let structure = Fault("card-verify.structure", ["structure": description.structure.words])
            findings.append(finding(.structure, directory, file, verdict: .violated([structure])))
            return
        default: findings.append(finding(.filePresent, directory, file, verdict: .ok))
        }
        let readVerdict =
            compiled.profile.hasAccessRules || AccessPath.opens(file.readByte, 0) && description.read == .free
            ? verdict(answer, on: file.readByte, of: file) : .notProbed(.ownAffair)
        findings.append(finding(.readWithoutRights, directory, file, verdict: readVerdict))
        for element in own {
            let number = description.elements.prefix { $0 != element }.reduce(1) { $0 + $1.repeats }
            let right = element.tag.flatMap { file.recordReadBytes[$0] } ?? file.readByte
            let verdict = verdict(try self.answer(number, of: description), on: right, of: file)
            findings.append(
                finding(.readWithoutRights, directory, file, element.name, title: element.title, verdict: verdict))
        }
    }

    private func answer(_ number: Int, of file: ElementaryFile) throws(CardError) -> StatusWord {
        let commands = CardCommands(profile: compiled.profile)
        let command: CommandAPDU
        switch file.structure {
        case .transparent: command = commands.readBinary(offset: 0, of: file, length: 1)
        case .variableRecord, .fixedRecord, .cyclic: command = commands.readRecord(number, of: file, length: 0)
        }
        return try conversation.send(.fixed(command)).statusWord
    }

    private func verdict(_ answer: StatusWord, on right: UInt8, of file: CompiledFile) -> RuleFinding.Verdict {
        let isProtected = file.protection?.isReadProtected ?? false
        let isOpen = AccessPath.opens(right, 0) && !isProtected
        switch answer {
        // rights come before protection (cos-dialects §14), but not on every card
        case .secureMessagingMissing where isProtected: return .ok
        case .success, .dataMayBeCorrupted, .recordNotFound:
            return isOpen ? .ok : .violated([Fault("card-verify.open", ["statusWord": answer.description])])
        case .securityStatusNotSatisfied:
            return isOpen ? .violated([Fault("card-verify.closed", ["statusWord": answer.description])]) : .ok
        default: return .violated([Fault("card-verify.answer", ["statusWord": answer.description])])
        }
    }

    // MARK: - With rights

    private func judge(
        _ outcome: FileReading.Outcome, _ file: CompiledFile, _ description: ElementaryFile,
        in directory: CompiledDirectory, _ isOurs: Bool?, _ content: CardContent, _ writing: RuleFinding.Verdict,
        _ findings: inout [RuleFinding]
    ) {
        func add(_ rule: RuleFinding.Rule, _ verdict: RuleFinding.Verdict) {
            findings.append(finding(rule, directory, file, verdict: verdict))
        }
        func skip(_ reason: RuleFinding.Reason) {
            add(.structure, .notProbed(reason))
            add(.lengths, .notProbed(reason))
        }
        let isFree = AccessPath.opens(file.readByte, 0)
        switch outcome {
        case .absent: return
        case .notOpen, .protected:
            let reason: RuleFinding.Reason = isOurs == nil ? .noKeys : isOurs == false ? .otherKeys : .notOpened
            add(.readWithRights, .notProbed(reason))
            skip(reason)
        case .refused(let statusWord):
            let fault = Fault(
                "card.file-refused",
                ["file": "\(directory.name)/\(description.name)", "statusWord": statusWord.description])
            add(.readWithRights, .violated([fault]))
            return
        case .neverWritten:
            if !isFree { add(.readWithRights, .ok) }
            add(.structure, .ok)
            add(.lengths, .notProbed(.neverWritten))
        case .records(let records):
            let shut = file.shutRecords(records)
            if !shut.isEmpty {
                let numbers = shut.map(String.init).joined(separator: " ")
                add(.readWithRights, .violated([Fault("card-verify.records-shut", ["numbers": numbers])]))
            } else if !isFree {
                add(.readWithRights, .ok)
            }
            add(.structure, .ok)
            add(.lengths, description.lengthVerdict(records, shut: shut))
        case .bytes(let bytes):
            if !isFree { add(.readWithRights, .ok) }
            add(.structure, .ok)
            let size = description.bodySize
            add(
                .lengths,
                bytes.count == size
                    ? .ok
                    : .violated([
                        Fault(
                            "card-verify.size", ["size": String(bytes.count), "expected": String(size)])
                    ]))
        }
        add(.write, writing)
        guard outcome != .notOpen, outcome != .protected else { return }
        judgeValues(outcome, description, in: directory, file, content, &findings)
    }

    private func judgeValues(
        _ outcome: FileReading.Outcome, _ description: ElementaryFile, in directory: CompiledDirectory,
        _ file: CompiledFile, _ content: CardContent, _ findings: inout [RuleFinding]
    ) {
        let path = "\(directory.name).\(description.name)"
        let values = content.texts(directory.name, description.name)
        let warnings = content.warnings.filter { $0.parameters["file"] == path }
        if case .cyclic = description.structure {
            let rows = values.sorted { ($0.key.count, $0.key) < ($1.key.count, $1.key) }.map(\.value)
            let faults = warnings + (rows.isEmpty ? [] : self.faults(path, rows.joined(separator: "|")))
            findings.append(finding(.value, directory, file, verdict: faults.isEmpty ? .ok : .violated(faults)))
            return
        }
        let closed = description.closedElements(outcome)
        for element in description.elements where !closed.contains(element.name) {
            let text = values[element.name]
            let own = warnings.filter { $0.parameters["element"] == element.name }
            let faults = own + (text.map { self.faults("\(path).\(element.name)", $0) } ?? [])
            if text != nil || !own.isEmpty {
                let verdict: RuleFinding.Verdict = faults.isEmpty ? .ok : .violated(faults.uniqued())
                findings.append(
                    finding(.value, directory, file, element.name, title: element.title, verdict: verdict))
            }
            guard element.mandatory else { continue }
            let missing = Fault("layout.value-missing", ["name": element.name, "title": element.title])
            findings.append(
                finding(
                    .mandatory, directory, file, element.name, title: element.title,
                    verdict: text == nil ? .violated([missing]) : .ok))
        }
        let others = warnings.filter { warning in
            !description.elements.contains { $0.name == warning.parameters["element"] }
        }
        if !others.isEmpty { findings.append(finding(.value, directory, file, verdict: .violated(others))) }
    }

    /// What issuing would refuse of one value.
    private func faults(_ name: String, _ text: String) -> [Fault] {
        do {
            _ = try encoder.keeping(version: text).encode([name: text])
            return []
        } catch {
            // The other values of the card are not given here.
            return error.faults.filter { $0.code != "layout.value-missing" }
        }
    }

    private func finding(
        _ rule: RuleFinding.Rule, _ directory: CompiledDirectory, _ file: CompiledFile? = nil,
        _ element: String? = nil, title: String? = nil, verdict: RuleFinding.Verdict
    ) -> RuleFinding {
        RuleFinding(
            rule: rule, directory: directory.name, file: file?.name, element: element,
            title: title ?? file?.file?.title ?? directory.directory?.title ?? "", verdict: verdict)
    }
}
