import CardLayout

/// The fewest commands for the applications of a security domain, counted from profile, layout, image and block and not from the steps.
extension GlobalPlatformPlanner {
    /// For the whole card.
    ///
    /// The domain is selected and its channel opened with three commands, and with three more where states or keys are changed: those cannot be
    /// taken back, and come after everything was read back.
    func minimum(_ image: CardImage) -> CommandMinimum {
        let opening = Self.opening
        var count = CommandMinimum(fewest: opening, forResuming: 0)
        for instance in applications { count += minimum(of: instance, image) }
        let ending = profile.lifeCycleStates.count + (profile.keyReplacement == nil ? 0 : 1)
        guard ending > 0 else { return count }
        // The new keys are proved by SELECT and INITIALIZE UPDATE.
        let proof = profile.keyReplacement == nil ? 0 : 2
        return count + CommandMinimum(fewest: opening + ending + proof, forResuming: 0)
    }

    /// For applications that an issued card gets, and for records of those it has, by the lengths of their groupings.
    ///
    /// All could be installed in one stay at the domain; each is in one of its own, so that a torn card goes on with the one it was torn in.
    func minimum(adding added: [Instance], _ image: CardImage, changing changed: [[CardPlanner.Reading]])
        -> CommandMinimum
    {
        var count = CommandMinimum(
            fewest: added.isEmpty ? 0 : Self.opening, forResuming: Self.opening * max(0, added.count - 1))
        for instance in added { count += minimum(of: instance, image) }
        for readings in changed {
            let lengths = readings.map { groupingLength($0.bytes.count) }
            count += CommandMinimum(fewest: Self.opening + commands(lengths) + 1 + lengths.count, forResuming: 0)
        }
        return count
    }

    /// Selecting what a channel is opened to, and opening it.
    private static let opening = 3

    /// INSTALL, and DELETE of what an earlier attempt left; SELECT with a channel, the content; SELECT, which ends the channel, and reading back.
    private func minimum(of instance: Instance, _ image: CardImage) -> CommandMinimum {
        let lengths = groupingLengths(of: instance, image)
        return CommandMinimum(
            fewest: 1 + Self.opening + blocks(instance, lengths) + 1 + lengths.count, forResuming: 1)
    }

    /// STORE DATA: a grouping of keys and the PIN have one each; the others one each, or as few as hold them in their order.
    private func blocks(_ instance: Instance, _ lengths: [Int]) -> Int {
        let hasPIN = !instance.directory.security.keys.isEmpty
        let secrets = instance.application.keyGroupings.count + (hasPIN ? 1 : 0)
        // Two bytes of identifier, one of length, counter and limit.
        return secrets + commands(lengths + (hasPIN ? [5] : []))
    }

    /// For groupings of these lengths: one each, or as few as hold them in their order.
    private func commands(_ plain: [Int]) -> Int {
        guard profile.storeData.groupings == .packed else { return plain.count }
        // fewest[n]: of the first n groupings, over every place where the last command can begin
        var fewest = [0]
        for end in plain.indices {
            let starts = (0...end).filter { plain[$0...end].reduce(0, +) <= most }
            fewest.append(1 + (starts.map { fewest[$0] }.min() ?? fewest[end]))
        }
        return fewest[plain.count]
    }

    /// The lengths of the groupings with records.
    private func groupingLengths(of instance: Instance, _ image: CardImage) -> [Int] {
        let directory = instance.directory
        let blank = CardImage.blank(of: compiled.layout)
        return directory.files.compactMap(\.file).flatMap { file -> [Int] in
            let filled = image.records(directory.name, file.name)
            let numbers = Set(filled.map(\.number))
            let blanks = profile.storeData.blankRecords ? blank.records(directory.name, file.name) : []
            let left = blanks.filter { !numbers.contains($0.number) }
            return (filled + left).sorted { $0.number < $1.number }.map { groupingLength($0.bytes.count) }
        }
    }

    /// Identifier, length (three bytes from FF on), and the record, in its template where there is one.
    private func groupingLength(_ length: Int) -> Int {
        let value = profile.storeData.recordTemplate == nil ? length : length + (length < 0x80 ? 2 : 3)
        return 2 + (value < 0xFF ? 1 : 3) + value
    }
}
