(** Machines, and the tokens that show and report them. Knows nothing of transformers.

    A policy says what is done in a situation: the state and the symbols under the heads. A machine is a list of rules, and
    so is a list of examples; rules may have wildcards. States, symbols and tapes are numbers, as the codec gives them out
    (construction/codec.py); symbol 0 is the blank. *)
From Coq Require Import List ZArith Bool PeanoNat.
Import ListNotations.

Inductive move := L | S_ | R.
Definition shift (m : move) : Z := match m with L => -1 | S_ => 0 | R => 1 end%Z.

Record action := Action { next : nat; writes : list nat; moves : list move }.
Definition policy := nat -> list nat -> option action.

(** [None] is a wildcard. *)
Record rule := Rule { on_state : option nat; on_symbols : list (option nat); does : action }.
Definition agrees (o : option nat) (n : nat) : bool := match o with None => true | Some m => Nat.eqb m n end.
Fixpoint all_agree (os : list (option nat)) (ns : list nat) : bool :=
  match os, ns with
  | [], [] => true
  | o :: os, n :: ns => agrees o n && all_agree os ns
  | _, _ => false
  end.
Definition applies (q : nat) (s : list nat) (r : rule) : bool := agrees (on_state r) q && all_agree (on_symbols r) s.

(** What a list of rules does: what the first one that applies does; nothing where none applies. *)
Definition decision (rules : list rule) : policy := fun q s => option_map does (find (applies q s) rules).
(** Rules that apply in the same situation do the same: then their order, and how often each stands there, is no matter. *)
Definition deterministic (rules : list rule) :=
  forall q s r r', In r rules -> In r' rules -> applies q s r = true -> applies q s r' = true -> does r = does r'.

(** A configuration: the state, and for each tape where its head is and what its cells hold. *)
Record config := Config { state : nat; head_at : nat -> Z; tape : nat -> Z -> nat }.
Definition apply_action (a : action) (c : config) : config := {|
  state := next a;
  head_at := fun i => (head_at c i + shift (nth i (moves a) S_))%Z;
  tape := fun i x => if Z.eqb x (head_at c i) then nth i (writes a) 0 else tape c i x |}.
Definition under_heads (k : nat) (c : config) : list nat := map (fun i => tape c i (head_at c i)) (seq 0 k).

Inductive token :=
| TBos | TExample (r : rule) | TCell (i a : nat) | TShift (i : nat) (m : move) | TRun (q : nat)
| TStep (q : nat) (s : list nat) (a : action) | TStop.

(** THE RUN of a policy on [k] tapes from a configuration, as tokens: a STEP for each step, with the situation and the action,
    and STOP where the policy does nothing; the first [n] of them. *)
Fixpoint run (k : nat) (pi : policy) (c : config) (n : nat) : list token :=
  match n with
  | O => []
  | S n =>
    match pi (state c) (under_heads k c) with
    | None => [TStop]
    | Some a => TStep (state c) (under_heads k c) a :: run k pi (apply_action a c) n
    end
  end.

(** THE PROMPT that the codec writes, oldest token first: BOS, the examples, the input (a word for each tape, from cell 0 on),
    the way of each head from cell 0 to its start cell, RUN with the start state. *)
Definition indexed {X} (l : list X) : list (nat * X) := combine (seq 0 (length l)) l.
Definition cells (i : nat) (word : list nat) : list token := map (TCell i) word.
Definition shifts (i : nat) (x : Z) : list token := repeat (TShift i (if (x <? 0)%Z then L else R)) (Z.abs_nat x).
Definition prompt (examples : list rule) (input : list (list nat)) (start : list Z) (q : nat) : list token :=
  TBos :: map TExample examples
  ++ flat_map (fun p => cells (fst p) (snd p)) (indexed input)
  ++ flat_map (fun p => shifts (fst p) (snd p)) (indexed start)
  ++ [TRun q].

(** The configuration that it describes. *)
Definition start_config (input : list (list nat)) (start : list Z) (q : nat) : config := {|
  state := q;
  head_at := fun i => nth i start 0%Z;
  tape := fun i x => if (x <? 0)%Z then 0 else nth (Z.to_nat x) (nth i input []) 0 |}.

(** ** Capacity: [nQ] states, [nS] symbols, [k] tapes *)
Section Capacity.
  Variables (nQ nS k : nat).

  Definition valid_situation (q : nat) (s : list nat) : Prop := q < nQ /\ length s = k /\ Forall (fun b => b < nS) s.
  Definition valid_action (a : action) : Prop :=
    next a < nQ /\ length (writes a) = k /\ Forall (fun b => b < nS) (writes a) /\ length (moves a) = k.
  Definition valid_rule (r : rule) : Prop :=
    match on_state r with Some q => q < nQ | None => True end /\ length (on_symbols r) = k
    /\ Forall (fun o => match o with Some b => b < nS | None => True end) (on_symbols r) /\ valid_action (does r).
  (** The tokens of the vocabulary. *)
  Definition valid (t : token) : Prop :=
    match t with
    | TExample r => valid_rule r
    | TCell i a => i < k /\ a < nS
    | TShift i m => i < k /\ m <> S_
    | TRun q => q < nQ
    | TStep q s a => valid_situation q s /\ valid_action a
    | TBos | TStop => True
    end.
  (** An input, start cells and a start state. *)
  Definition valid_start (input : list (list nat)) (start : list Z) (q : nat) : Prop :=
    length input <= k /\ length start <= k /\ Forall (Forall (fun b => b < nS)) input /\ q < nQ.
End Capacity.
