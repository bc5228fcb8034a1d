import ByteText
import CardData

/// Locking comes last: nothing that cannot be taken back may happen before what it protects is written and read back.
///
/// Issuing writes with update keys before the PIN exists, reads everything back with read keys and the PIN, adds the PIN under the
/// directory's master key and replaces the master file's key at the end. So every write right must be reachable without the
/// PIN, every read right with it, and what comes after the lock must be open to the master key.
struct AccessLint {
    /// The register's value after the directory's master key was presented.
    private static let masterState: UInt8 = 0x0F

    let card: CompiledCard

    func check(_ faults: inout FaultCollector) {
        checkLock(of: card.masterFile, &faults)
        for directory in card.directories {
            checkLock(of: directory, &faults)
            let pin = card.pinRecord(of: directory)
            checkPIN(pin, of: directory, &faults)
            let withoutPIN = directory.security.reachableStates(withPIN: nil)
            let withPIN = directory.security.reachableStates(withPIN: pin)
            for compiled in directory.files {
                guard let file = compiled.file else { continue }
                let path = "\(directory.name).\(file.name)"
                // A file that nobody may ever read or write is told by its rule.
                if file.read.canBeMet {
                    check("layout.read-unreachable", compiled.readByte, withPIN, path, file.place, &faults)
                }
                if file.write.canBeMet {
                    check("layout.write-unreachable", compiled.writeByte, withoutPIN, path, file.place, &faults)
                }
                for element in file.elements {
                    guard let right = element.tag.flatMap({ compiled.recordReadBytes[$0] }) else { continue }
                    check(
                        "layout.read-unreachable", right, withPIN, "\(path).\(element.name)", element.place, &faults)
                }
            }
        }
    }

    private func check(
        _ code: FaultCode, _ right: UInt8, _ states: Set<UInt8>, _ name: String, _ place: SourcePlace,
        _ faults: inout FaultCollector
    ) {
        guard !states.contains(where: { AccessByte.isMet(right, by: $0) }) else { return }
        faults.add(code, ["name": name, "right": right.hexadecimal], at: place)
    }

    /// The PIN is added when the directory has its own master key, and the master file's key is replaced last of all.
    private func checkLock(of directory: CompiledDirectory, _ faults: inout FaultCollector) {
        let security = directory.security
        guard let master = security.masterKey else { return }
        var rights = [("key use", "使用主控密钥", master.useRight, UInt8(0), master.place)]
        if security.keys.count > 1 {
            rights.append(("add key", "增加密钥", security.addKeyRight, Self.masterState, security.place))
        }
        rights.append(("key change", "修改主控密钥", master.changeRight, Self.masterState, master.place))
        for (what, whatZh, right, state, place) in rights where !AccessByte.isMet(right, by: state) {
            faults.add(
                "layout.lock-last",
                ["name": directory.name, "what": what, "whatZh": whatZh, "right": right.hexadecimal], at: place)
        }
    }

    private func checkPIN(_ pin: KeyRecord?, of directory: CompiledDirectory, _ faults: inout FaultCollector) {
        guard pin == nil, let described = directory.directory else { return }
        let rules = described.files.filter(\.isCreated).flatMap { file in
            [file.read, file.write] + file.elements.compactMap(\.read)
        }
        if rules.contains(where: \.namesPIN) {
            faults.add("layout.pin-missing", ["name": directory.name], at: described.place)
        }
    }
}

extension AccessRule {
    /// Whether the rule speaks of the PIN.
    fileprivate var namesPIN: Bool {
        switch self {
        case .pin: true
        case .any(let rules), .all(let rules): rules.contains(where: \.namesPIN)
        case .free, .never, .card, .key: false
        }
    }
}
