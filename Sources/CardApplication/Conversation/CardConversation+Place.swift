import CardLayout
import ISO7816
import IssuerKeys

/// Where a conversation stands on the card, and which counter a command moves there.
extension CardConversation {
    /// Takes over from another conversation with the same card in the middle of its stay in a directory, with what the card has proved there.
    func stand(where other: CardConversation) {
        selected = other.selected
        hasSelectedMaster = other.hasSelectedMaster
        acquaintance = other.acquaintance
        answeredFor = other.answeredFor
    }

    /// SELECT of the master file, where the profile says that the card opens nothing in it before.
    ///
    /// What lies in an environment is selected from inside it, and the environment has been opened then.
    func selectMasterFileFirst(before command: CommandAPDU) throws(CardError) {
        guard profile.selectsMasterFileFirst, !hasSelectedMaster, command.ins == 0xA4, command.cla == 0x00,
            command.p1 == 0x00 || command.p1 == 0x04
        else { return }
        let known = directories.first { $0.selections.contains(command.data) }
        guard known.map(\.liesInMasterFile) ?? directories.isEmpty else { return }
        let selection = try building { () throws(CommandAPDU.Malformed) in
            try CardCommands(profile: profile).selectMasterFile()
        }
        guard selection.data != command.data else { return }
        do {
            let answer = try transport.transmit(selection, wantsAnswer: false)
            noteSelection(by: selection, answer.statusWord)
        } catch {
            throw .channel(error)
        }
    }

    /// Notes what a SELECT led to.
    ///
    /// A file lies in the directory that stands selected, and so may what an identifier names that the layout does not know; a name
    /// that it does not know leads to a directory somewhere. What costs a try there is counted where it would hurt most.
    func noteSelection(by command: CommandAPDU, _ statusWord: StatusWord) {
        guard command.ins == 0xA4, command.p1 != 0x02, statusWord.isSuccess || statusWord.bytesWaiting != nil else {
            return
        }
        let master = directories.first ?? .masterFile
        let isFile = command.data.first == 0xEF || selected?.files.contains(command.data) ?? false
        if command.data.isEmpty && command.p1 != 0x03 || master.selections.contains(command.data) {
            selected = directories.first
            hasSelectedMaster = true
        } else if let known = directories.first(where: { $0.selections.contains(command.data) }) {
            selected = known
        } else if command.p1 == 0x03 || command.p1 == 0x04 || directories.isEmpty && !isFile {
            selected = SelectedDirectory(selectedBy: command.data, perhaps: directories)
        } else if !isFile, let place = selected, place.candidates.isEmpty {
            selected = SelectedDirectory(selectedBy: command.data, perhaps: [place])
        }
    }

    /// The counter that an operation moves here; a key that no directory is known to have is counted in the one that is selected.
    func counter(of operation: CardOperation) -> TryCounter? {
        let places = (selected?.candidates).flatMap { $0.isEmpty ? nil : $0.map(Optional.some) } ?? [selected]
        let perhaps = places.flatMap { profile.countersPerhaps(movedBy: operation, in: $0) }
        if let worst = worst(of: perhaps) { return worst.assumed }
        return namedCounter(of: operation) ?? profile.unnamedKeyCounter(of: operation, in: selected)
    }

    /// The counter with the fewest tries left; one that is blocked has nothing left to lose.
    private func worst(of counters: [TryCounter]) -> TryCounter? {
        let open = counters.filter { record.triesLeft($0) != 0 }
        return (open.isEmpty ? counters : open).min { left($0) < left($1) }
    }

    /// The counter of a key or PIN that the profile names: the one with the fewest tries left, where several directories may be the current
    /// one.
    private func namedCounter(of operation: CardOperation) -> TryCounter? {
        func counter(in place: SelectedDirectory?) -> TryCounter? {
            profile.tryCounter(of: operation, in: place, keySet: securityDomain.asked)
        }
        guard let candidates = selected?.candidates, !candidates.isEmpty else { return counter(in: selected) }
        return worst(of: candidates.compactMap { counter(in: $0) }).map { isPlaced(operation) ? $0.assumed : $0 }
    }

    private func left(_ counter: TryCounter) -> Int { record.triesLeft(counter) ?? counter.full }

    /// Whether the directory decides which counter an operation moves, and its key's name does not.
    private func isPlaced(_ operation: CardOperation) -> Bool {
        switch operation {
        case .fixed(let command): command.cla & 0x80 == 0 || command.ins != 0x82
        case .verifyPIN, .authenticate(.transport, _, _): true
        case .authenticate, .writeKey, .writeAnswerToReset, .presentTransportCode, .protected, .securityDomain: false
        }
    }

    /// Forgets what was spent of the PIN that an operation has filled again; where it is not known which one that was, all stays noted.
    func noteFilling(by operation: CardOperation) throws(CardError) {
        guard selected?.candidates.isEmpty ?? true,
            let filled = profile.counterFilled(by: operation, in: selected)
        else { return }
        try record.forget(filled)
    }
}
