;; The policy that does nothing, and so the least that any policy can cost: it fetches its request, as
;; every guest must, looks at no byte of it, and accepts. `make bench` measures the others by it.
(module
  (import "wapc" "__guest_request" (func $fetch (param $operation i32) (param $payload i32)))
  (import "wapc" "__guest_response" (func $answer (param $at i32) (param $length i32)))
  (memory (export "memory") 1)
  ;; The three answers, one after the other: to `validate`, `validate_settings` and `protocol_version`.
  (data (i32.const 0) "{\"accepted\":true}{\"valid\":true}\"v1\"")
  ;; The operation's name goes to 64, the payload to 128.
  (func (export "__guest_call") (param $operation i32) (param $payload i32) (result i32)
    (local $missing i32)
    ;; A payload that is larger than the memory gets as many pages more as it needs.
    (local.set $missing
      (i32.sub
        (i32.shr_u (i32.add (local.get $payload) (i32.const 0x1007f)) (i32.const 16))
        (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then (if (i32.eq (memory.grow (local.get $missing)) (i32.const -1)) (then (return (i32.const 0))))))
    (call $fetch (i32.const 64) (i32.const 128))
    ;; The length of the operation's name tells the three apart.
    (if (i32.eq (local.get $operation) (i32.const 8))
      (then (call $answer (i32.const 0) (i32.const 17)) (return (i32.const 1))))
    (if (i32.eq (local.get $operation) (i32.const 17))
      (then (call $answer (i32.const 17) (i32.const 14)) (return (i32.const 1))))
    (if (i32.eq (local.get $operation) (i32.const 16))
      (then (call $answer (i32.const 31) (i32.const 4)) (return (i32.const 1))))
    (i32.const 0)))
