import CardApplication
import CardData
import CardLayout

/// One directory's data and read-back, in one stay.
extension CardPlanner {
    /// One thing to read and compare: a record, or a piece of a transparent file.
    struct Reading: Hashable {
        let file: ElementaryFile
        /// The same with its rights and protection.
        let compiled: CompiledFile
        /// The record's number; nil for a piece of a transparent file.
        let number: Int?
        let offset: Int
        let bytes: [UInt8]
        let right: UInt8
        let subject: String
    }

    /// The steps, and what cannot be read before the PIN is set.
    func personalization(
        of directory: CompiledDirectory, _ image: CardImage
    ) throws -> (steps: [PlanStep], unreadable: [Reading]) {
        var steps = [try selection(of: directory)]
        var state: UInt8 = 0
        let written = files(of: directory).filter { laterContent(directory, $0.file, image) != nil }
        // Files under one update key are written after one authentication.
        for right in written.map(\.compiled.writeByte).uniqued() {
            guard let path = path(to: right, from: state, in: directory, withPIN: false) else {
                throw Faults("plan.cannot-write", ["directory": directory.name], at: directory.directory?.place)
            }
            for presentation in path { steps += authentication(with: presentation.record) }
            state = path.last?.record.reachedState ?? state
            for file in written where file.compiled.writeByte == right {
                steps += try writing(image, to: file, of: directory)
            }
        }
        let readings = files(of: directory).flatMap { expected(of: $0, in: directory, image) }
        let (readable, unreadable) = readings.partitioned {
            path(to: $0.right, from: 0, in: directory, withPIN: false) != nil
        }
        steps += try readBack(readable, of: directory, from: state, withPIN: nil)
        return (steps, unreadable)
    }

    /// Reads everything and compares, with the fewest presentations: what is open is read first.
    func readBack(
        _ readings: [Reading], of directory: CompiledDirectory, from start: UInt8, withPIN pinLength: Int?
    ) throws -> [PlanStep] {
        var steps: [PlanStep] = []
        var state = start
        var rest = readings
        while !rest.isEmpty {
            let (open, closed) = rest.partitioned { AccessPath.opens($0.right, state) }
            var selected: UInt16?
            for reading in open {
                if reading.number == nil, reading.offset > 0xFF, selected != reading.file.identifier {
                    selected = reading.file.identifier
                    steps.append(try fileSelection(reading.file, in: directory))
                }
                steps += readSteps(reading)
            }
            rest = closed
            let paths = rest.compactMap {
                path(to: $0.right, from: state, in: directory, withPIN: pinLength != nil)
            }
            guard let next = paths.min(by: { $0.count < $1.count }) else {
                if rest.isEmpty { break }
                // A card that cannot be compared with what was meant is not made.
                throw Faults(
                    "plan.cannot-read-back", ["place": rest[0].subject], at: directory.directory?.place)
            }
            for presentation in next {
                switch presentation {
                case .key(let record): steps += authentication(with: record)
                case .pin(let record): steps.append(verification(of: record, length: pinLength ?? 0))
                }
                state = presentation.record.reachedState
            }
        }
        return steps
    }

    func verification(of record: KeyRecord, length: Int) -> PlanStep {
        PlanStep(
            .verifyPIN(identifier: record.identifier, length: length), .success, Purpose(.verifyPIN),
            at: record.place)
    }

    /// The presentations that open a right in a directory, the PIN among them where it may be presented; nil for none.
    func path(
        to right: UInt8, from state: UInt8, in directory: CompiledDirectory, withPIN: Bool
    ) -> [AccessPath.Presentation]? {
        AccessPath.find(
            right: right, from: state, own: directory.security, inherited: compiled.pinRecord(of: directory)
        ) { presentation in
            if case .pin = presentation { return withPIN }
            return !presentation.record.isMaster
        }
    }

    // MARK: -

    func fileSelection(_ file: ElementaryFile, in directory: CompiledDirectory) throws -> PlanStep {
        step(
            try commands.select(identifier: file.identifier), .selectFile, "\(directory.name)/\(file.name)",
            at: file.place)
    }

    private func writing(
        _ image: CardImage, to file: LayoutFile, of directory: CompiledDirectory
    ) throws -> [PlanStep] {
        let name = "\(directory.name)/\(file.file.name)"
        switch laterContent(directory, file.file, image) {
        case .records(let records):
            return try records.flatMap { record in
                let command =
                    if case .cyclic = file.file.structure {
                        try commands.appendCyclic(to: file.file, record.bytes)
                    } else {
                        try commands.updateRecord(record.number, of: file.file, record.bytes)
                    }
                return steps(
                    command, to: file.compiled, .writeElement, "\(name)/\(record.element)", at: record.place)
            }
        case .bytes(let bytes):
            let most = writePiece(of: file.compiled)
            let isSelected = Self.needsSelection(bytes.count, inPieces: most)
            var steps: [PlanStep] = isSelected ? [try fileSelection(file.file, in: directory)] : []
            for start in stride(from: 0, to: bytes.count, by: most) {
                let piece = Array(bytes[start..<min(start + most, bytes.count)])
                steps += self.steps(
                    try commands.updateBinary(offset: start, of: file.file.shortIdentifier, piece), to: file.compiled,
                    .writeElement, name, at: file.file.place)
            }
            return steps
        case nil: return []
        }
    }

    /// Whether a transparent file of so many bytes has to be selected to be reached in such pieces: an offset of one byte goes with the file's
    /// short identifier.
    static func needsSelection(_ count: Int, inPieces piece: Int) -> Bool { (count - 1) / piece * piece > 0xFF }

    /// Everything the file must hold when the plan is done: blank records, and the person's in their place.
    private func expected(
        of file: LayoutFile, in directory: CompiledDirectory, _ image: CardImage
    ) -> [Reading] {
        let name = "\(directory.name)/\(file.file.name)"
        var records = blankRecords(directory, file.file)
        switch image.file(directory.name, file.file.name)?.content {
        case .bytes(let bytes):
            let piece = readPiece(of: file.compiled)
            return stride(from: 0, to: bytes.count, by: piece).map { start in
                Reading(
                    file: file.file, compiled: file.compiled, number: nil, offset: start,
                    bytes: Array(bytes[start..<min(start + piece, bytes.count)]),
                    right: file.compiled.readByte, subject: name)
            }
        case .records(let written):
            let numbers = Set(written.map(\.number))
            records = records.filter { !numbers.contains($0.number) } + written
        case nil: break
        }
        return records.sorted { $0.number < $1.number }.map { record in
            Reading(
                file: file.file, compiled: file.compiled, number: record.number, offset: 0, bytes: record.bytes,
                right: record.tag.flatMap { file.compiled.recordReadBytes[$0] } ?? file.compiled.readByte,
                subject: "\(name)/\(record.element)")
        }
    }

    private func readSteps(_ reading: Reading) -> [PlanStep] {
        let command =
            if let number = reading.number {
                commands.readRecord(number, of: reading.file, length: reading.bytes.count)
            } else {
                commands.readBinary(offset: reading.offset, of: reading.file, length: reading.bytes.count)
            }
        return steps(
            command, to: reading.compiled, .readBack, reading.subject, expecting: .data(reading.bytes),
            at: reading.file.place)
    }
}

extension Sequence where Element: Hashable {
    /// Each element once, in the order they first came.
    func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

extension Sequence {
    /// Those that pass and those that do not, each in their order.
    func partitioned(_ passes: (Element) throws -> Bool) rethrows -> ([Element], [Element]) {
        var passed: [Element] = []
        var failed: [Element] = []
        for element in self {
            if try passes(element) { passed.append(element) } else { failed.append(element) }
        }
        return (passed, failed)
    }
}
