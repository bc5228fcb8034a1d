import CardApplication
public import CardData
public import CardLayout
import ISO7816

/// Locking comes last, looked at in the steps themselves: nothing that cannot be taken back stands before what it protects is written and
/// read back.
///
/// The lock (the card's own master key replaced, creation ended, the life cycle moved) protects everything on the card. A PIN protects the
/// directories that find it: what its register opens is written before, and what can be read without it is read back before; what only the
/// PIN opens is read back between the PIN and the lock. A security domain's PIN is data of its application, which is deleted and installed
/// anew until the lock.
public struct PlanOrder {
    private let card: CompiledCard
    private let steps: [PlanStep]
    private let planner: CardPlanner

    /// The order of a plan for a card of this kind.
    public init(_ plan: CardPlan, of card: CompiledCard) {
        self.card = card
        steps = plan.steps
        planner = CardPlanner(card)
    }

    /// Every step that stands on the wrong side of one that cannot be taken back: `layout.lock-order` for what is written afterwards,
    /// `layout.lock-unread` for what was written before and is not read back, each with the line that asks for the step.
    public func check() -> [Fault] {
        var faults = FaultCollector()
        if let lock = steps.firstIndex(where: isLock) { check(lock, protecting: { _ in true }, &faults) }
        var directory: CompiledDirectory?
        for (index, step) in steps.enumerated() {
            if step.purpose.kind == .selectDirectory { directory = card.directory(step.purpose.subject) }
            guard step.purpose.kind == .setPIN, card.profile.globalPlatform == nil, let directory else { continue }
            check(index, protecting: { isBehindPIN(of: directory, $0) }, &faults)
        }
        return faults.faults
    }

    // MARK: -

    private func isLock(_ step: PlanStep) -> Bool {
        switch step.purpose.kind {
        case .lockCard, .endDirectory, .setLifeCycle: true
        case .replaceMaster:
            card.profile.globalPlatform != nil || step.purpose.subject == card.masterFile.security.masterKey?.name
        default: false
        }
    }

    /// - Parameter isProtected: by the subject of a step, whether the step at `lock` protects what it is done to.
    private func check(_ lock: Int, protecting isProtected: (String) -> Bool, _ faults: inout FaultCollector) {
        let isPIN = steps[lock].purpose.kind == .setPIN
        for (index, step) in steps.enumerated().dropFirst(lock + 1) {
            guard step.changesContent, isProtected(step.purpose.subject), !isPIN || step.purpose.kind != .setPIN else {
                continue
            }
            faults.add("layout.lock-order", parameters(step, index, beside: lock), at: step.place)
        }
        for (subject, written) in contents(upTo: lock) where isProtected(subject) && file(subject) != nil {
            guard !isPIN || opensWithoutPIN(subject) else { continue }
            guard !written.isRead, let step = written.first else { continue }
            faults.add("layout.lock-unread", parameters(steps[step], step, beside: lock), at: steps[step].place)
        }
    }

    private func parameters(_ step: PlanStep, _ index: Int, beside lock: Int) -> [String: String] {
        [
            "number": String(index + 1), "stepZh": step.purpose.text, "step": step.purpose.englishText,
            "lockNumber": String(lock + 1), "lockZh": steps[lock].purpose.text, "lock": steps[lock].purpose.englishText,
        ]
    }

    // MARK: - Written and read

    /// What was written to one place, in pieces, and what was read of it since.
    private struct Content {
        var first: Int?
        var blanks: [[UInt8]] = []
        var values: [[UInt8]] = []
        var read: [[UInt8]] = []

        /// Every value was seen: records one by one and as often as they were written, in an application behind the header of their grouping;
        /// the pieces of a transparent file behind one another, however they are parted.
        var isRead: Bool {
            var unmatched = read
            let areSeen = values.allSatisfy { value in
                let match = unmatched.firstIndex { !$0.isEmpty && value.suffix($0.count).elementsEqual($0) }
                if let match { unmatched.remove(at: match) }
                return match != nil
            }
            return (areSeen || read.joined().elementsEqual(values.joined())) && read.count >= blanks.count
        }
    }

    private func contents(upTo lock: Int) -> [(subject: String, content: Content)] {
        var contents: [String: Content] = [:]
        var order: [String] = []
        for (index, step) in steps[..<lock].enumerated() {
            let subject = step.purpose.subject
            guard let bytes = step.content else { continue }
            if contents[subject] == nil { order.append(subject) }
            var content = contents[subject] ?? Content()
            switch step.purpose.kind {
            case .writeBlankRecord: content.blanks.append(bytes)
            case .writeElement: content.values.append(bytes)
            default: content.read.append(bytes)
            }
            if step.purpose.kind != .readBack {
                content.first = content.first ?? index
                // What was read before the last write says nothing of it.
                content.read = []
            }
            contents[subject] = content
        }
        return order.compactMap { subject in contents[subject].map { (subject, $0) } }
    }

    // MARK: - Behind the PIN

    private func file(_ subject: String) -> (directory: CompiledDirectory, file: CompiledFile, right: UInt8)? {
        let path = subject.split(separator: "/").map(String.init)
        guard path.count >= 2, let directory = card.directory(path[0]), let file = directory.file(path[1]) else {
            return nil
        }
        let element = path.count > 2 ? file.file?.element(path[2]) : nil
        return (directory, file, element?.tag.flatMap { file.recordReadBytes[$0] } ?? file.readByte)
    }

    private func isBehindPIN(of directory: CompiledDirectory, _ subject: String) -> Bool {
        guard let own = card.directory(String(subject.prefix { $0 != "/" })) else { return false }
        let record = directory.security.keys.first(where: \.isPIN)
        return own.name == directory.name || record != nil && card.pinRecord(of: own) == record
    }

    private func opensWithoutPIN(_ subject: String) -> Bool {
        guard let (directory, _, right) = file(subject) else { return true }
        return planner.path(to: right, from: 0, in: directory, withPIN: false) != nil
    }
}

extension PlanStep {
    /// Whether the step puts something on the card that a lock protects.
    fileprivate var changesContent: Bool {
        switch purpose.kind {
        case .eraseCard, .createMasterFile, .createKeyFile, .createDirectory, .createFile, .writeFileControlInformation,
            .writeBlankRecord, .writeElement, .writeDirectoryRecord, .writeAnswerToReset, .setPIN, .deleteApplication,
            .installApplication:
            true
        case .loadTransportKey, .takeChallenge, .replaceMaster, .loadKey, .selectDirectory, .selectFile, .authenticate,
            .readBack, .verifyPIN, .lockCard, .presentTransportCode, .endDirectory, .selectSecurityDomain,
            .beginSecureChannel, .setLifeCycle:
            false
        }
    }

    /// What the step writes to a file, or must read from it; nil for all others.
    fileprivate var content: [UInt8]? {
        switch (purpose.kind, operation, expectation) {
        case (.writeBlankRecord, .fixed(let command), _), (.writeElement, .fixed(let command), _),
            (.writeBlankRecord, .protected(let command, _, _), _), (.writeElement, .protected(let command, _, _), _),
            (.writeElement, .securityDomain(.secured(let command)), _):
            command.data
        case (.readBack, _, .data(let bytes)): bytes
        default: nil
        }
    }
}
