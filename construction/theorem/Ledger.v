(** The ledger: what a context of tokens says, without any network. The configuration that it describes, the cell that each
    token writes, and the postings on each cell, which sum to its content (docs/proof.md, lemmas 5, 9 and 10 use this). *)
From Coq Require Import List QArith ZArith Bool Lia Lqa PeanoNat.
From Tapehead Require Import Sums Transformer Machine.
Import ListNotations.
Open Scope Z_scope.

Definition newest (c : list token) : token := match c with [] => TStop | t :: _ => t end.

(** How many cells of tape [i] the input has filled so far. *)
Fixpoint count (i : nat) (c : list token) : Z :=
  match c with
  | [] => 0
  | TCell j _ :: c => (if Nat.eqb j i then 1 else 0) + count i c
  | _ :: c => count i c
  end.

(** The blank configuration in state [q]. *)
Definition blank_config (q : nat) : config := {| state := q; head_at := fun _ => 0; tape := fun _ _ => 0%nat |}.

(** The configuration that a context, newest token first, has come to. *)
Fixpoint config_of (c : list token) : config :=
  match c with
  | [] => blank_config 0
  | TCell j a :: c => let x0 := config_of c in {| state := state x0; head_at := head_at x0;
      tape := fun i x => if Nat.eqb j i && Z.eqb x (count i c) then a else tape x0 i x |}
  | TShift j m :: c => let x0 := config_of c in {| state := state x0; tape := tape x0;
      head_at := fun i => head_at x0 i + if Nat.eqb j i then shift m else 0 |}
  | TRun q :: c => let x0 := config_of c in {| state := q; head_at := head_at x0; tape := tape x0 |}
  | TStep _ _ a :: c => apply_action a (config_of c)
  | _ :: c => config_of c
  end.

(** The examples that a context shows. *)
Definition example_of (t : token) : option rule := match t with TExample r => Some r | _ => None end.
Definition examples_of (c : list token) : list rule :=
  flat_map (fun t => match example_of t with Some r => [r] | None => [] end) c.
(** The state that a token leaves the machine in, if it says one. *)
Definition new_state (t : token) : option nat :=
  match t with TRun q => Some q | TStep _ _ a => Some (next a) | _ => None end.

(** What one token does on tape [i]. *)
Definition moved (i : nat) (t : token) : Z :=
  match t with
  | TShift j m => if Nat.eqb j i then shift m else 0
  | TStep _ _ a => shift (nth i (moves a) S_)
  | _ => 0
  end.
Definition is_input (i : nat) (t : token) : bool := match t with TCell j _ => Nat.eqb j i | _ => false end.
Definition is_step (t : token) : bool := match t with TStep _ _ _ => true | _ => false end.
Definition is_bos (t : token) : bool := match t with TBos => true | _ => false end.
Definition writes_on (i : nat) (t : token) : bool := is_input i t || is_step t.
Definition posted (i a : nat) (t : token) : Z :=
  match t with
  | TCell j b => one_if (Nat.eqb j i && Nat.eqb b a)
  | TStep _ s act => one_if (Nat.eqb (nth i (writes act) 0%nat) a) - one_if (Nat.eqb (nth i s 0%nat) a)
  | _ => 0
  end.
(** The cell of tape [i] that the newest token wrote. *)
Definition cell_of (i : nat) (c : list token) : Z :=
  match c with
  | TCell j _ :: c => if Nat.eqb j i then count i c else 0
  | TStep _ _ _ :: c => head_at (config_of c) i
  | _ => 0
  end.

Section WellFormed.
  Variables (nQ nS k : nat).

  Notation valid := (valid nQ nS k).

  (** Contexts: BOS, then examples, input, shifts and RUN in any order, and steps that a machine takes;
      no input after a step. *)
  Inductive wf : list token -> Prop :=
  | wf_bos : wf [TBos]
  | wf_example r c : valid (TExample r) -> wf c -> wf (TExample r :: c)
  | wf_cell i a c : valid (TCell i a) -> existsb is_step c = false -> wf c -> wf (TCell i a :: c)
  | wf_shift i m c : valid (TShift i m) -> wf c -> wf (TShift i m :: c)
  | wf_run q c : valid (TRun q) -> wf c -> wf (TRun q :: c)
  | wf_step q s a c : valid (TStep q s a) -> s = under_heads k (config_of c) -> wf c -> wf (TStep q s a :: c).

  Lemma wf_tails (c c' : list token) : wf c -> In c' (tails c) -> wf c'.
  Proof.
    intros W; revert c'. induction W; intros c' I; cbn [tails] in I; destruct I as [<-|I];
    try (now constructor); try (now apply IHW); try easy.
  Qed.

  Lemma tails_cons {X} (c c' : list X) : In c' (tails c) -> exists t r, c' = t :: r.
  Proof. induction c as [|t c IH]; intros []; eauto. Qed.

  Lemma wf_valid c : wf c -> valid (newest c).
  Proof. destruct 1; simpl; auto. Qed.

  Lemma symbol_bound c i x : (0 < nS)%nat -> wf c -> (i < k)%nat -> (tape (config_of c) i x < nS)%nat.
  Proof.
    intros H0 W Hi; revert x. induction W as [ |r c V W IH|j a c V N W IH|j m c V W IH|q c V W IH|q s a c V E W IH];
      intros x; cbn [config_of tape]; auto.
    - destruct (Nat.eqb j i && Z.eqb x (count i c)); [apply V | apply IH].
    - cbn [apply_action tape]. destruct (Z.eqb x _); [|apply IH].
      destruct V as (_ & _ & Lw & Fw & _). rewrite Forall_forall in Fw. apply Fw, nth_In. lia.
  Qed.

  Lemma count_nonneg i c : 0 <= count i c.
  Proof. induction c as [|[] c IH]; simpl; try lia. destruct (Nat.eqb _ _); lia. Qed.

  (** Before the first step, cells that the input has not filled are blank. *)
  Lemma blank_beyond c i x : existsb is_step c = false -> (x < 0 \/ count i c <= x) -> tape (config_of c) i x = 0%nat.
  Proof.
    revert x. induction c as [|t c IH]; intros x N Hx; [reflexivity|].
    destruct t as [ |r|j a|j m|q|q s a| ]; cbn [existsb is_step orb] in N; cbn [config_of tape count] in *; try (now apply IH); try discriminate.
    pose proof (count_nonneg i c). destruct (Nat.eqb j i) eqn:E; cbn [andb].
    - destruct (Z.eqb_spec x (count i c)); [lia|]. apply IH; auto; lia.
    - apply IH; auto; lia.
  Qed.

  (** ** The ledger: the postings on a cell sum to its content. *)
  Definition wrote (i : nat) (x : Z) (c : list token) : bool := writes_on i (newest c) && Z.eqb (cell_of i c) x.
  Fixpoint zsum {X} (f : X -> Z) (l : list X) : Z := match l with [] => 0 | x :: l => f x + zsum f l end.

  Lemma nth_under_heads x i : (i < k)%nat -> nth i (under_heads k x) 0%nat = tape x i (head_at x i).
  Proof.
    intros Hi. unfold under_heads. set (f := fun i => tape x i (head_at x i)).
    rewrite (nth_indep _ 0%nat (f 0%nat)) by (rewrite length_of_map, length_of_seq; lia).
    rewrite map_nth, seq_nth by lia. reflexivity.
  Qed.

  Lemma ledger_cons i x a t c :
    zsum (fun c' => posted i a (newest c')) (filter (wrote i x) (tails (t :: c)))
    = (if writes_on i t && Z.eqb (cell_of i (t :: c)) x then posted i a t else 0)
      + zsum (fun c' => posted i a (newest c')) (filter (wrote i x) (tails c)).
  Proof.
    cbn [tails filter]. change (wrote i x (t :: c)) with (writes_on i t && Z.eqb (cell_of i (t :: c)) x).
    now destruct (writes_on i t && Z.eqb (cell_of i (t :: c)) x).
  Qed.

  Theorem ledger c i x a : wf c -> (i < k)%nat -> (0 < a)%nat ->
    zsum (fun c' => posted i a (newest c')) (filter (wrote i x) (tails c)) = one_if (Nat.eqb (tape (config_of c) i x) a).
  Proof.
    intros W Hi Ha. revert x.
    assert (Z0 : Nat.eqb 0 a = false) by (apply Nat.eqb_neq; lia).
    induction W as [ |r c V W IH|j b c V N W IH|j m c V W IH|q c V W IH|q s act c V E W IH]; intros x;
      rewrite ledger_cons, ?IH; cbn [writes_on is_input is_step orb andb config_of tape blank_config]; try reflexivity.
    - cbn. destruct a; [lia | reflexivity].
    - unfold writes_on. cbn [cell_of posted is_input is_step]. rewrite orb_false_r.
      destruct (Nat.eqb j i) eqn:Eji; cbn [andb]; [|reflexivity].
      rewrite (Z.eqb_sym x). destruct (Z.eqb_spec (count i c) x) as [<-|Hx]; [|reflexivity].
      rewrite blank_beyond by (auto; lia). rewrite Z0. cbn [one_if]. lia.
    - unfold writes_on. cbn [is_input is_step orb andb cell_of apply_action tape posted]. rewrite (Z.eqb_sym x).
      destruct (Z.eqb_spec (head_at (config_of c) i) x) as [<-|Hx]; [|reflexivity].
      rewrite E, nth_under_heads by assumption. lia.
  Qed.

  (** LOCATE: the moves sum to the head's position, the CELLs to their number. *)
  Lemma moves_sum c i : wf c -> zsum (fun c' => moved i (newest c')) (tails c) = head_at (config_of c) i.
  Proof.
    induction 1 as [ |r c V W IH|j b c V N W IH|j m c V W IH|q c V W IH|q s act c V E W IH]; cbn [tails zsum newest moved config_of head_at apply_action]; rewrite ?IH; simpl; lia.
  Qed.

  Lemma inputs_sum c i : zsum (fun c' => one_if (is_input i (newest c'))) (tails c) = count i c.
  Proof.
    induction c as [|t c IH]; [reflexivity|].
    destruct t; cbn [tails zsum newest is_input count one_if]; rewrite ?IH; simpl; try lia.
    destruct (Nat.eqb _ _); simpl; lia.
  Qed.

  Lemma posted_bos c' i a : is_bos (newest c') = true -> posted i a (newest c') = 0.
  Proof. destruct (newest c'); simpl; intros; congruence || reflexivity. Qed.

  (** Just one BOS, the oldest token. *)
  Lemma bos_in c : wf c -> exists c', In c' (tails c) /\ is_bos (newest c') = true.
  Proof.
    induction 1 as [ |r c V W (c' & I & E)|j b c V N W (c' & I & E)|j m c V W (c' & I & E)|q c V W (c' & I & E)|q s act c V E0 W (c' & I & E)];
      [exists [TBos]; split; [now left|reflexivity] | exists c'; split; [now right|exact E]..].
  Qed.
  Lemma not_stop c : wf c -> newest c <> TStop.
  Proof. destruct 1; discriminate. Qed.
End WellFormed.
