import CardApplication
import CardData
import CardLayout

/// One directory's data and read-back, in one stay.
extension CardPlanner {
    /// One thing to read and compare: a record, or a piece of a transparent file.
    struct Reading: Hashable {
        let file: CompiledFile
        /// The record's number; nil for a piece of a transparent file.
        let number: UInt8?
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
        let written = directory.files.filter { !changes(in: $0, of: directory, image).isEmpty }
        // Files under one update key are written after one authentication.
        for right in written.map(\.writeByte).uniqued() {
            guard let path = path(to: right, from: state, in: directory, withPIN: false) else {
                throw Faults(
                    "plan.cannot-write", ["directory": directory.name], at: directory.place)
            }
            for presentation in path { steps += authentication(with: presentation.record) }
            state = path.last?.record.nextState ?? state
            for file in written where file.writeByte == right {
                steps += try changes(in: file, of: directory, image).flatMap { try writing($0, to: file) }
            }
        }
        let readings = directory.files.flatMap { contents(of: $0, in: directory, image) }
        let (readable, unreadable) = readings.partitioned {
            path(to: $0.right, from: 0, in: directory, withPIN: false) != nil
        }
        steps += try readBack(readable, of: directory, from: state, withPIN: nil).steps
        return (steps, unreadable)
    }

    /// Reads everything and compares, with the fewest presentations: what is open is read first.
    func readBack(
        _ readings: [Reading], of directory: CompiledDirectory, from start: UInt8, withPIN pinLength: Int?
    ) throws -> (steps: [PlanStep], state: UInt8) {
        var steps: [PlanStep] = []
        var state = start
        var rest = readings
        while !rest.isEmpty {
            let (open, closed) = rest.partitioned {
                path(to: $0.right, from: state, in: directory, withPIN: pinLength != nil)?.isEmpty == true
            }
            var selected: UInt16?
            for reading in open {
                if reading.number == nil, reading.offset > 0xFF, selected != reading.file.identifier {
                    selected = reading.file.identifier
                    steps.append(
                        step(
                            try commands.select(identifier: reading.file.identifier), .selectFile,
                            "\(directory.name)/\(reading.file.name)", at: reading.file.place))
                }
                steps.append(readStep(reading))
            }
            rest = closed
            guard
                let next = rest.compactMap({
                    path(to: $0.right, from: state, in: directory, withPIN: pinLength != nil)
                }).min(by: { $0.count < $1.count })
            else { break }
            for presentation in next {
                switch presentation {
                case .key(let record):
                    steps += authentication(with: record)
                case .pin(let record):
                    steps.append(verification(of: record, length: pinLength ?? 0))
                }
                state = presentation.record.nextState & 0x0F
            }
        }
        return (steps, state)
    }

    func verification(of record: KeyRecord, length: Int) -> PlanStep {
        PlanStep(
            .verifyPIN(identifier: record.identifier, length: length), .success, Purpose(.verifyPIN),
            at: record.place)
    }

    // MARK: -

    private func path(
        to right: UInt8, from state: UInt8, in directory: CompiledDirectory, withPIN: Bool
    ) -> [AccessPath.Presentation]? {
        AccessPath.find(
            right: right, from: state, own: directory.security, inherited: compiled.pinRecord(of: directory)
        ) { presentation in
            if case .pin = presentation { return withPIN }
            return !presentation.record.isMaster
        }
    }

    private func changes(
        in file: CompiledFile, of directory: CompiledDirectory, _ image: CardImage
    ) -> [ImageContent] {
        image.contents(directory: directory.name, file: file.name)
    }

    private func writing(_ content: ImageContent, to file: CompiledFile) throws -> [PlanStep] {
        switch content {
        case .record(let record):
            if case .cyclic = file.structure {
                return [
                    step(
                        try commands.appendCyclic(to: file.file, record.bytes), .writeElement, record.name,
                        at: record.place)
                ]
            }
            return [
                step(
                    try commands.updateRecord(record.number, of: file.file, record.bytes), .writeElement, record.name,
                    at: record.place)
            ]
        case .bytes(let bytes, let name):
            var steps: [PlanStep] = []
            if bytes.count > 0x100 {
                steps.append(
                    step(
                        try commands.select(identifier: file.identifier), .selectFile, file.name,
                        at: file.place))
            }
            for start in stride(from: 0, to: bytes.count, by: profile.largestCommandData) {
                let piece = Array(bytes[start..<min(start + profile.largestCommandData, bytes.count)])
                steps.append(
                    step(
                        try commands.updateBinary(offset: start, of: file.file.shortIdentifier, piece), .writeElement,
                        name, at: file.place))
            }
            return steps
        }
    }

    /// Everything the file must hold when the plan is done.
    private func contents(
        of file: CompiledFile, in directory: CompiledDirectory, _ image: CardImage
    ) -> [Reading] {
        let name = "\(directory.name)/\(file.name)"
        let changes = changes(in: file, of: directory, image)
        var records = Dictionary(uniqueKeysWithValues: file.blankRecords.map { ($0.number, $0) })
        var readings: [Reading] = []
        for change in changes {
            switch change {
            case .record(let record): records[record.number] = record
            case .bytes(let bytes, let element):
                for start in stride(from: 0, to: bytes.count, by: 240) {
                    readings.append(
                        Reading(
                            file: file, number: nil, offset: start,
                            bytes: Array(bytes[start..<min(start + 240, bytes.count)]), right: file.readByte,
                            subject: "\(name)/\(element)"))
                }
            }
        }
        for (number, record) in records.sorted(by: { $0.key < $1.key }) {
            let tag = file.structure == .variableRecord ? record.bytes.first : nil
            readings.append(
                Reading(
                    file: file, number: number, offset: 0, bytes: record.bytes,
                    right: tag.flatMap { file.recordReadBytes[$0] } ?? file.readByte, subject: "\(name)/\(record.name)"))
        }
        return readings
    }

    private func readStep(_ reading: Reading) -> PlanStep {
        let command =
            if let number = reading.number {
                commands.readRecord(number, of: reading.file.file, length: reading.bytes.count)
            } else {
                commands.readBinary(offset: reading.offset, of: reading.file.file, length: reading.bytes.count)
            }
        return PlanStep(
            .fixed(command), .data(reading.bytes), Purpose(.readBack, reading.subject), at: reading.file.place)
    }
}

extension Sequence where Element: Hashable {
    /// Each element once, in the order they first came.
    fileprivate func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

extension Sequence {
    /// Those that pass and those that do not, each in their order.
    fileprivate func partitioned(_ passes: (Element) throws -> Bool) rethrows -> ([Element], [Element]) {
        var passed: [Element] = []
        var failed: [Element] = []
        for element in self {
            if try passes(element) { passed.append(element) } else { failed.append(element) }
        }
        return (passed, failed)
    }
}
