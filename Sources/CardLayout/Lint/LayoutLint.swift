import ByteText
public import CardData

/// Finds what is wrong with a layout that can be read: it would make cards that cannot be written, read or trusted.
public struct LayoutLint: Sendable {
    /// The layout.
    public let layout: CardLayout
    /// The COS profile the layout is judged against.
    public let profile: COSProfile
    /// The names of all keys of the hierarchy; nil when they are not judged.
    public let keyNames: Set<String>?
    /// The names of all code tables; nil when they are not judged.
    public let codeTables: Set<String>?

    /// Which keys protect commands; nil when they are not judged.
    public let lineKeys: LineKeys?

    /// The layout it extends; the rules for regions are judged by it.
    public let base: CardLayout?
    /// What making a card with every file full was measured to cost; the budget is judged by it.
    public let measured: CardCost?

    /// A lint over a layout and the profile it is made for.
    public init(
        layout: CardLayout, profile: COSProfile, keyNames: Set<String>?, codeTables: Set<String>?,
        lineKeys: LineKeys? = nil, base: CardLayout? = nil, measured: CardCost? = nil
    ) {
        self.layout = layout
        self.profile = profile
        self.keyNames = keyNames
        self.codeTables = codeTables
        self.lineKeys = lineKeys
        self.base = base
        self.measured = measured
    }

    /// Everything that is wrong, by file, line and column; none when the layout can be used.
    public func check() -> [Fault] {
        var faults = FaultCollector()
        checkParts(&faults)
        checkDirectories(&faults)
        for directory in layout.directories {
            checkFiles(of: directory, &faults)
            for file in directory.files { checkElements(of: file, &faults) }
        }
        RecordLint(layout: layout).check(&faults)
        checkKeys(&faults)
        ProtectionLint(layout: layout, lineKeys: lineKeys).check(&faults)
        ExtensionLint(layout, extending: base)?.check(&faults)
        if let measured { CostLint(layout: layout, measured: measured).check(&faults) }
        do {
            let card = try CompiledCard(layout: layout, profile: profile)
            // applications of a GlobalPlatform card keep their rules themselves; ``ApplicationLint`` names them
            if profile.hasAccessRules { AccessLint(card: card).check(&faults) }
        } catch {
            error.faults.forEach { faults.add($0) }
        }
        // Compiling repeats some of what was found before.
        return Set(faults.faults).sorted { Self.order($0) < Self.order($1) }
    }

    private static func order(_ fault: Fault) -> (String, Int, Int, String, String) {
        let parameters = fault.parameters.sorted { $0.key < $1.key }.map(\.value).joined(separator: " ")
        return (
            fault.place?.file ?? "", fault.place?.line ?? 0, fault.place?.column ?? 0, fault.code.rawValue, parameters
        )
    }

    // MARK: the whole

    /// What every card of the system must have, whatever else it holds: the environment and what identifies card and holder.
    private func checkParts(_ faults: inout FaultCollector) {
        if profile.name != layout.profileName {
            faults.add(
                "layout.other-profile", ["profile": profile.name, "expected": layout.profileName], at: layout.place)
        }
        // New keys are sent by cipher and MAC, and in no other form (cos-dialects §4.2).
        if profile.keyLoading == .mac, profile.family == .fmcos || profile.family == .timecos {
            faults.add("layout.keys-in-plain", ["profile": profile.name], at: profile.place)
        }
        // Whoever reads no Chinese chooses by the English title; one that is the extended layout's names another card.
        if layout.englishTitle?.isEmpty ?? true || layout.englishTitle == base?.englishTitle {
            faults.add("layout.english-title", ["name": layout.name], at: layout.place)
        }
        // Programs tell the kinds of cards apart by the first character (card.md §1.2).
        let versions = layout.acceptedVersions
        if versions.first != layout.specificationVersion || Set(versions).count != versions.count
            || Set(versions.map(\.first)).count > 1
        {
            faults.add(
                "layout.accepted-versions",
                ["versions": versions.joined(separator: ", "), "expected": layout.specificationVersion],
                at: layout.place)
        }
        guard let environment = layout.directory("SSSE") else {
            faults.add("layout.part-missing", ["part": "SSSE"], at: layout.place)
            return
        }
        let parts = [
            "EF05": ["identificationCode", "specificationVersion", "issueDate", "cardNumber"],
            "EF06": ["citizenNumber", "name"],
        ]
        for (name, elements) in parts {
            guard let file = environment.file(name) else {
                faults.add("layout.part-missing", ["part": "SSSE.\(name)"], at: environment.place)
                continue
            }
            for element in elements where file.element(element) == nil {
                faults.add("layout.part-missing", ["part": "SSSE.\(name).\(element)"], at: file.place)
            }
        }
    }

    private func checkDirectories(_ faults: inout FaultCollector) {
        var identifiers: Set<UInt16> = [0x3F00]
        var names: Set<[UInt8]> = []
        for directory in layout.directories {
            if !identifiers.insert(directory.identifier).inserted {
                faults.add(
                    "layout.identifier-twice", ["identifier": directory.identifier.hexadecimal], at: directory.place)
            }
            if let name = directory.dedicatedFileName, !names.insert(name).inserted {
                faults.add("layout.identifier-twice", ["identifier": name.hexadecimal], at: directory.place)
            }
        }
    }

    // MARK: files

    private func checkFiles(of directory: Directory, _ faults: inout FaultCollector) {
        var identifiers: Set<UInt16> = []
        var shortIdentifiers: [UInt8: String] = [:]
        let information = profile.directories[directory.name]?.shortIdentifierByte ?? 0
        if information & 0xE0 == 0x80 || information & 0xE0 == 0xC0 {
            shortIdentifiers[information & 0x1F] = UInt16(information & 0x1F).hexadecimal
        }
        let security = profile.directories[directory.name]
        for rule in [security?.directoryFile, security?.transactionFile].compactMap(\.self) {
            identifiers.insert(rule.identifier)
            shortIdentifiers[UInt8(rule.identifier & 0x1F)] = rule.identifier.hexadecimal
        }
        for file in directory.files {
            if !identifiers.insert(file.identifier).inserted {
                faults.add("layout.identifier-twice", ["identifier": file.identifier.hexadecimal], at: file.place)
            } else if let other = shortIdentifiers.updateValue(file.name, forKey: file.shortIdentifier) {
                faults.add("layout.short-identifier-twice", ["file": file.name, "other": other], at: file.place)
            }
            if !(1...30).contains(file.shortIdentifier) {
                faults.add("layout.short-identifier", ["file": file.name], at: file.place)
            }
            file.lengthFaults(longest: profile.longestTravellingRecord).forEach { faults.add($0) }
            if case .transparent = file.structure, file.elements.count > 1 {
                faults.add("layout.transparent-elements", ["file": file.name], at: file.place)
            }
            checkAccess(to: file, &faults)
        }
    }

    private func checkAccess(to file: ElementaryFile, _ faults: inout FaultCollector) {
        if let element = file.elements.first(where: \.mandatory) {
            if !file.isCreated {
                faults.add("layout.mandatory-not-created", ["name": element.name], at: element.place)
            } else if !file.write.canBeMet {
                faults.add(
                    "layout.locked-out", ["file": file.name, "name": element.name, "rule": "\(file.write)"],
                    at: file.place)
            }
        }
        if file.isCreated && !file.read.canBeMet {
            faults.add("layout.never-read", ["file": file.name, "rule": "\(file.read)"], at: file.place)
        }
    }

    // MARK: elements

    private func checkElements(of file: ElementaryFile, _ faults: inout FaultCollector) {
        checkTags(of: file.elements, &faults)
        for element in file.elements {
            switch file.structure {
            case .variableRecord, .fixedRecord:
                if element.tag == nil {
                    faults.add("layout.tag-missing", ["name": element.name], at: element.place)
                }
            case .cyclic, .transparent:
                if element.tag != nil || element.repeats > 1 || !element.inner.isEmpty {
                    faults.add("layout.tag-not-used", ["name": element.name], at: element.place)
                }
            }
            if case .template(_, let inner) = element.coding {
                checkTags(of: inner, &faults)
                inner.forEach { checkTable(of: $0, &faults) }
            }
            checkTable(of: element, &faults)
            checkLaterMeaning(of: element, in: file, &faults)
        }
    }

    /// The companion of a later meaning is a tag of the file whose value tells its own meaning.
    private func checkLaterMeaning(
        of element: Element, in file: ElementaryFile, _ faults: inout FaultCollector
    ) {
        guard let later = element.reinterpretation else { return }
        checkTable(of: later.element, &faults)
        guard let companion = later.companion else { return }
        let teller = file.elements.first { $0.tag == companion }?.reinterpretation
        if teller == nil || teller?.companion != nil {
            faults.add(
                "layout.reinterpreted-companion", ["name": later.element.name, "tag": companion.hexadecimal],
                at: later.element.place)
        }
    }

    private func checkTags(of elements: [Element], _ faults: inout FaultCollector) {
        var names: [UInt8: String] = [:]
        for element in elements {
            guard let tag = element.tag else { continue }
            if let other = names.updateValue(element.name, forKey: tag) {
                faults.add(
                    "layout.tag-twice", ["tag": tag.hexadecimal, "name": element.name, "other": other],
                    at: element.place)
            }
        }
    }

    private func checkTable(of element: Element, _ faults: inout FaultCollector) {
        guard let table = element.codeTable, let codeTables, !codeTables.contains(table) else { return }
        faults.add("layout.table-unknown", ["name": element.name, "table": table], at: element.place)
    }

    // MARK: keys

    private func checkKeys(_ faults: inout FaultCollector) {
        guard let keyNames else { return }
        for directory in layout.directories {
            for file in directory.files {
                let rules = file.read.keyNames.union(file.write.keyNames)
                add(unknown: rules, keyNames, file.place, &faults)
                if let protection = file.protection {
                    add(unknown: [protection.keyName], keyNames, protection.place, &faults)
                }
                for element in file.elements {
                    add(unknown: element.read?.keyNames ?? [], keyNames, element.place, &faults)
                }
            }
        }
        for security in profile.directories.values {
            for key in security.keys where !key.isPIN { add(unknown: [key.name], keyNames, key.place, &faults) }
        }
    }

    private func add(
        unknown names: Set<String>, _ known: Set<String>, _ place: SourcePlace, _ faults: inout FaultCollector
    ) {
        for name in names.subtracting(known).sorted() {
            faults.add("layout.key-unknown", ["key": name], at: place)
        }
    }
}
